//! Supervisors and the teams that they are bound to, and what they see by that.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use deskwire_protocol::{PersonId, Role};

use super::account::{Supervision, TeamIds, Unfit};
use super::accounts::{Accounts, ChangeFault, Table};
use crate::domain::event::CategoryId;
use crate::domain::matcher::TeamId;
use crate::domain::who::Bound;

impl Accounts {
    /// The teams that a supervisor is bound to, by number; none where he oversees all. Nothing of who is no supervisor.
    pub fn supervision(&self, person: PersonId) -> Option<Vec<u16>> {
        self.read(|table| {
            table.accounts.get(&person).filter(|account| account.role == Role::Supervisor)?;
            Some(table.supervisions.get(&person).map_or_else(Vec::new, |one| one.teams.0.clone()))
        })
    }

    /// Binds a supervisor to teams, or to none.
    pub async fn set_supervision(&self, person: PersonId, mut teams: Vec<u16>) -> Result<(), ChangeFault> {
        teams.sort_unstable();
        teams.dedup();
        self.put(vec![Supervision { person, teams: TeamIds(teams) }.into()]).await
    }

    /// What those oversee who are bound to teams.
    pub fn bound(&self) -> HashMap<PersonId, Bound> {
        self.read(|table| table.bound.clone())
    }
}

impl Table {
    /// Works out what those oversee who are bound to teams: everything that an agent of one of these serves.
    pub(super) fn bind(&mut self) {
        let mut served: BTreeMap<u16, BTreeSet<CategoryId>> = BTreeMap::new();
        for profile in self.profiles.values().filter(|profile| profile.team != 0) {
            let account = self.accounts.get(&profile.person).into_iter();
            served.entry(profile.team).or_default().extend(account.flat_map(|account| &account.categories.0));
        }
        let bound = self.supervisions.values().filter(|one| !one.teams.0.is_empty()).map(|one| {
            let all: BTreeSet<CategoryId> =
                one.teams.0.iter().filter_map(|team| served.get(team)).flatten().copied().collect();
            let teams: Arc<[TeamId]> = one.teams.0.iter().copied().map(TeamId).collect();
            (one.person, Bound { teams, categories: all.into_iter().collect() })
        });
        self.bound = bound.collect();
    }

    pub(super) fn check_supervision(&self, one: &Supervision) -> Result<(), Unfit> {
        let account = self.accounts.get(&one.person).ok_or(Unfit::UnknownPerson)?;
        if account.role != Role::Supervisor {
            return Err(Unfit::NoSupervisor);
        }
        let unknown = one.teams.0.iter().find(|team| !self.teams.contains_key(team));
        unknown.map_or(Ok(()), |team| Err(Unfit::UnknownTeam(*team)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::account::CategoryIds;
    use crate::identity::{Keep, demo};

    /// A22: a supervisor oversees what the agents of his teams serve, at once when that changes; bound to nothing, all.
    #[tokio::test]
    async fn a_supervisor_oversees_what_his_teams_serve() {
        let accounts = Accounts::load(Keep::Memory).await.unwrap();
        demo::seed(&accounts, "secret", 3).await.unwrap();
        let [alice, sam] = ["alice", "sam"].map(|name| accounts.by_email(&format!("{name}@demo.example")).unwrap());
        let slots = crate::domain::matcher::PerPhase { live: None, asynchronous: None };
        accounts.set_team(7, super::super::staffing::TeamSetting { name: "night".into(), slots }).await.unwrap();
        let mut staffing = accounts.staffing(alice.person).unwrap();
        (staffing.team, staffing.categories) = (Some(7), vec!["billing".into()]);
        accounts.set_staffing(alice.person, staffing.clone()).await.unwrap();
        let oversees = || {
            let who = accounts.who(sam.person).unwrap();
            [1, 2, 3].map(|category| who.oversees(CategoryId(category)))
        };
        assert_eq!((oversees(), accounts.supervision(sam.person)), ([true; 3], Some(vec![])));
        accounts.set_supervision(sam.person, vec![7, 7]).await.unwrap();
        assert_eq!((oversees(), accounts.supervision(sam.person)), ([false, true, false], Some(vec![7])));
        staffing.categories = vec!["technical".into()];
        accounts.set_staffing(alice.person, staffing).await.unwrap();
        assert_eq!(oversees(), [false, false, true]);
        let who = accounts.who(sam.person).unwrap();
        assert_eq!([Some(TeamId(7)), Some(TeamId(1)), None].map(|team| who.leads(team)), [true, false, false]);
        let wrong = [(alice.person, vec![7]), (sam.person, vec![99]), (PersonId(1), vec![])];
        for (person, teams) in wrong {
            assert!(accounts.set_supervision(person, teams).await.is_err());
        }
        accounts.set_supervision(sam.person, vec![]).await.unwrap();
        assert_eq!(oversees(), [true; 3]);
        assert_eq!((accounts.supervision(alice.person), CategoryIds::default().0.len()), (None, 0));
    }
}
