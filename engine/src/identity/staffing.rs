//! What an administrator sets of the floor: rules of categories, teams, who can do what. As values to be shown and set.

use std::sync::Arc;

use deskwire_protocol::{PersonId, Role};
use serde::{Deserialize, Serialize};

use super::account::{Account, AgentProfile, Category, CategoryIds, CategoryRules, Team, Unfit};
use super::accounts::{Accounts, ChangeFault};
use crate::domain::event::{CategoryId, SkillList};
use crate::domain::matcher::{PerPhase, Skill, Slots};
use crate::domain::rules::Rules;

/// The limit of a team that has none.
const NO_LIMIT: u16 = u16::MAX;

/// An agent, as he is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staffing {
    /// His team's number, if he is in one.
    #[serde(default)]
    pub team: Option<u16>,
    /// What he can do.
    pub skills: Vec<Skill>,
    /// Tickets he may have at once.
    pub slots: Slots,
    /// What he serves, by name.
    pub categories: Vec<String>,
}

/// A team, as it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamSetting {
    /// Its name.
    pub name: String,
    /// Tickets that all its agents together may have at once; null for no limit.
    pub slots: PerPhase<Option<u16>>,
}

/// A member of staff in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StaffLine {
    /// Who.
    pub person: PersonId,
    /// His display name.
    pub name: String,
    /// What he is.
    pub role: Role,
}

impl Accounts {
    /// The category of a number or a name.
    pub fn category_called(&self, word: &str) -> Option<Arc<Category>> {
        let numbered = word.parse().ok().and_then(|id| self.category(CategoryId(id)));
        numbered.or_else(|| self.category_by_name(word))
    }

    /// Every member of staff.
    pub fn staff(&self) -> Vec<StaffLine> {
        let line = |account: &Arc<Account>| {
            let (person, name, role) = (account.person, account.name.clone(), account.role);
            StaffLine { person, name, role }
        };
        self.all().iter().map(line).collect()
    }

    /// Sets the rules of a category.
    pub async fn set_rules(&self, id: CategoryId, rules: &Rules) -> Result<(), ChangeFault> {
        self.put(vec![CategoryRules { id, text: rules.text() }.into()]).await
    }

    /// A team as it is set.
    pub fn team(&self, id: u16) -> Option<TeamSetting> {
        let team = self.teams().into_iter().find(|team| team.id == id)?;
        let limit = |slots: u16| (slots != NO_LIMIT).then_some(slots);
        let slots = PerPhase { live: limit(team.live), asynchronous: limit(team.asynchronous) };
        Some(TeamSetting { name: team.name.clone(), slots })
    }

    /// Sets a team, a new one too.
    pub async fn set_team(&self, id: u16, TeamSetting { name, slots }: TeamSetting) -> Result<(), ChangeFault> {
        let (live, asynchronous) = (slots.live.unwrap_or(NO_LIMIT), slots.asynchronous.unwrap_or(NO_LIMIT));
        self.put(vec![Team { id, name, live, asynchronous }.into()]).await
    }

    /// Sets what a team's agents together may have at once.
    pub async fn set_team_slots(&self, id: u16, slots: PerPhase<Option<u16>>) -> Result<(), ChangeFault> {
        self.change(|| {
            let team = self.teams().into_iter().find(|team| team.id == id).ok_or(Unfit::UnknownTeam(id))?;
            let (live, asynchronous) = (slots.live.unwrap_or(NO_LIMIT), slots.asynchronous.unwrap_or(NO_LIMIT));
            Ok(vec![Team { live, asynchronous, ..Team::clone(&team) }.into()])
        })
        .await
    }

    /// An agent as he is set.
    pub fn staffing(&self, person: PersonId) -> Option<Staffing> {
        let profile = self.profile(person)?;
        let name = |id: &CategoryId| self.category(*id).map(|category| category.name.clone());
        Some(Staffing {
            team: profile.team.map(|team| team.0),
            skills: profile.skills.iter().collect(),
            slots: profile.slots,
            categories: profile.categories.iter().filter_map(name).collect(),
        })
    }

    /// Sets an agent: his account and his profile, both or neither.
    pub async fn set_staffing(&self, person: PersonId, staffing: Staffing) -> Result<(), ChangeFault> {
        self.change(|| {
            let account = self.get(person).ok_or(Unfit::UnknownPerson)?;
            let Staffing { team, skills, slots, categories } = staffing;
            let id = |name: String| {
                let category = self.category_by_name(&name);
                category.map(|category| category.id).ok_or(Unfit::NoCategory(name))
            };
            let mut ids = categories.into_iter().map(id).collect::<Result<Vec<_>, _>>()?;
            ids.sort();
            ids.dedup();
            let account = Account { categories: CategoryIds(ids), slots: slots.live, ..Account::clone(&account) };
            let team = team.unwrap_or_default();
            let (skills, asynchronous) = (SkillList(skills), slots.asynchronous);
            Ok(vec![account.into(), AgentProfile { person, team, skills, asynchronous }.into()])
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Keep;
    use crate::identity::demo;

    async fn accounts() -> (Accounts, PersonId) {
        let accounts = Accounts::load(Keep::Memory).await.unwrap();
        demo::seed(&accounts, "secret", 3).await.unwrap();
        let alice = accounts.by_email("alice@demo.example").unwrap().person;
        (accounts, alice)
    }

    fn read(text: &str) -> Staffing {
        serde_json::from_str(text).unwrap()
    }

    #[tokio::test]
    async fn what_was_set_is_what_is_shown_and_what_the_queue_sees() {
        let (accounts, alice) = accounts().await;
        let set = read(
            r#"{"team": 1, "skills": [{"id": 4, "level": 5}], "slots": {"live": 2, "asynchronous": 9},
                "categories": ["technical", "general", "technical"]}"#,
        );
        accounts.set_staffing(alice, set.clone()).await.unwrap();
        let shown = Staffing { categories: vec!["general".into(), "technical".into()], ..set };
        assert_eq!(accounts.staffing(alice), Some(shown));
        let profile = accounts.profile(alice).unwrap();
        assert_eq!((profile.slots.live, profile.slots.asynchronous, profile.categories.len()), (2, 9, 2));
        assert!(accounts.by_email("alice@demo.example").unwrap().hash.starts_with("$argon2id$"), "the rest stays");
    }

    /// A value that would be kept and could not be read again is not kept.
    #[tokio::test]
    async fn what_cannot_be_is_named_and_changes_nothing() {
        let (accounts, alice) = accounts().await;
        let before = accounts.staffing(alice);
        let good = r#"{"skills": [], "slots": {"live": 2, "asynchronous": 9}, "categories": []}"#;
        let many = (0..=u16::MAX / 64).map(|id| format!(r#"{{"id": {id}, "level": 1}}"#)).collect::<Vec<_>>().join(",");
        for (from, to, words) in [
            (r#""categories": []"#, r#""categories": ["nonsense"]"#.to_owned(), "nonsense"),
            (r#""skills": []"#, r#""skills": [{"id": 1, "level": 6}]"#.to_owned(), "level"),
            (r#""skills": []"#, format!(r#""skills": [{many}]"#), "skills"),
            (r#""skills": []"#, r#""team": 77, "skills": []"#.to_owned(), "77"),
        ] {
            let fault = accounts.set_staffing(alice, read(&good.replace(from, &to))).await.unwrap_err().to_string();
            assert!(fault.contains(words), "{to}: {fault}");
        }
        assert_eq!(accounts.staffing(alice), before);
        assert!(accounts.set_staffing(PersonId(1), read(good)).await.is_err());
    }

    #[tokio::test]
    async fn a_team_without_a_limit_is_shown_as_such() {
        let (accounts, _) = accounts().await;
        let slots = PerPhase { live: Some(4), asynchronous: None };
        let setting = TeamSetting { name: "night".into(), slots };
        accounts.set_team(9, setting.clone()).await.unwrap();
        assert_eq!((accounts.team(9), accounts.team(10)), (Some(setting), None));
        assert_eq!(accounts.category_called("2"), accounts.category_called("billing"));
    }
}
