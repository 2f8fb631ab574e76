//! The table of staff accounts and categories: read from memory, changed on disk first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use deskwire_protocol::{Malformed, PersonId};

use super::account::{
    ASYNCHRONOUS_SLOTS, Account, AgentProfile, CATEGORIES_MAX, Category, CategoryRules, DeskRecord, Supervision,
    TEAMS_MAX, Team, Unfit, check_account, check_category, check_profile, check_rules, check_team, plain_email,
};
use super::keep::{Keep, KeepFault};
use crate::domain::event::CategoryId;
use crate::domain::matcher::{self, Mode, Slots, TeamId};
use crate::domain::rules::Rules;
use crate::domain::who::{Bound, Sight, Who};

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeFault {
    /// It cannot be.
    #[error("{0}")]
    Unfit(#[from] Unfit),
    /// It could not be written.
    #[error("{0}")]
    Keep(#[from] KeepFault),
}

/// Why the table could not be read at start.
#[derive(Debug, thiserror::Error)]
pub enum LoadFault {
    /// The store cannot be read.
    #[error("{0}")]
    Keep(#[from] KeepFault),
    /// A record is not of its form.
    #[error("a record of an account or category cannot be read: {0}")]
    Form(#[from] Malformed),
}

#[derive(Clone, Default)]
pub(super) struct Table {
    pub(super) accounts: HashMap<PersonId, Arc<Account>>,
    by_email: HashMap<String, PersonId>,
    categories: BTreeMap<CategoryId, Arc<Category>>,
    pub(super) profiles: HashMap<PersonId, Arc<AgentProfile>>,
    pub(super) supervisions: HashMap<PersonId, Arc<Supervision>>,
    /// Follows from the others.
    pub(super) bound: HashMap<PersonId, Bound>,
    rules: BTreeMap<CategoryId, Arc<Rules>>,
    pub(super) teams: BTreeMap<u16, Arc<Team>>,
}

/// Every staff account and category. Reading never waits; a change waits for the disk, and one for the other.
pub struct Accounts {
    table: RwLock<Table>,
    keep: Keep,
    changing: tokio::sync::Mutex<()>,
}

impl Accounts {
    /// Reads them all.
    pub async fn load(keep: Keep) -> Result<Accounts, LoadFault> {
        let mut table = Table::default();
        for bytes in keep.read().await? {
            table.put(DeskRecord::decode(&bytes)?);
        }
        table.bind();
        Ok(Accounts { table: RwLock::new(table), keep, changing: tokio::sync::Mutex::default() })
    }

    /// The account of a person.
    pub fn get(&self, person: PersonId) -> Option<Arc<Account>> {
        self.read(|table| table.accounts.get(&person).cloned())
    }

    /// A member of staff as the rules know him.
    pub fn who(&self, person: PersonId) -> Option<Arc<Who>> {
        let (account, sight) = self.read(|table| {
            let account = table.accounts.get(&person)?;
            let is_shared = |id: &&CategoryId| table.rules.get(*id).is_some_and(|rules| rules.shared);
            let shared = account.categories.0.iter().filter(is_shared).copied().collect();
            Some((account.clone(), Sight { bound: table.bound.get(&person).cloned(), shared }))
        })?;
        let (role, name) = (account.role, account.name.as_str().into());
        let categories = account.categories.0.as_slice().into();
        Some(Arc::new(Who { person, role, name, categories, reachable: true, sight }))
    }

    /// The account that signs in with this address, however it is typed.
    pub fn by_email(&self, typed: &str) -> Option<Arc<Account>> {
        let email = plain_email(typed);
        self.read(|table| table.accounts.get(table.by_email.get(&email)?).cloned())
    }

    /// Every account, by address.
    pub fn all(&self) -> Vec<Arc<Account>> {
        let mut all: Vec<_> = self.read(|table| table.accounts.values().cloned().collect());
        all.sort_by(|one, other| one.email.cmp(&other.email));
        all
    }

    /// The category of a number.
    pub fn category(&self, id: CategoryId) -> Option<Arc<Category>> {
        self.read(|table| table.categories.get(&id).cloned())
    }

    /// The category of a name.
    pub fn category_by_name(&self, name: &str) -> Option<Arc<Category>> {
        self.read(|table| table.categories.values().find(|category| category.name == name).cloned())
    }

    /// Every category, by number.
    pub fn categories(&self) -> Vec<Arc<Category>> {
        self.read(|table| table.categories.values().cloned().collect())
    }

    /// A member of staff as the queue sees him.
    pub fn profile(&self, person: PersonId) -> Option<matcher::AgentProfile> {
        let (account, profile) =
            self.read(|table| Some((table.accounts.get(&person)?.clone(), table.profiles.get(&person).cloned())))?;
        let team = profile.as_ref().map(|profile| profile.team).filter(|team| *team != 0).map(TeamId);
        let asynchronous = profile.as_ref().map_or(ASYNCHRONOUS_SLOTS, |profile| profile.asynchronous);
        Some(matcher::AgentProfile {
            id: person,
            name: account.name.clone(),
            role: account.role,
            team,
            categories: account.categories.0.iter().copied().collect(),
            skills: profile.map(|profile| profile.skills.0.as_slice().into()).unwrap_or_default(),
            slots: Slots { live: account.slots, asynchronous },
        })
    }

    /// The rules of a category; of one that nobody has made rules for those that all have.
    pub fn rules(&self, category: &Category) -> Arc<Rules> {
        let mode = if category.automatic { Mode::Automatic } else { Mode::Manual };
        let made = self.read(|table| table.rules.get(&category.id).cloned());
        made.unwrap_or_else(|| Arc::new(Rules { mode, ..Rules::default() }))
    }

    /// Every team.
    pub fn teams(&self) -> Vec<Arc<Team>> {
        self.read(|table| table.teams.values().cloned().collect())
    }

    /// Whether there is nobody yet.
    pub fn is_empty(&self) -> bool {
        self.read(|table| table.accounts.is_empty())
    }

    /// Puts accounts and categories, all or none: on disk, then in the table. What has the same person or number is
    /// replaced. The address is brought into its plain form.
    pub async fn put(&self, records: Vec<DeskRecord>) -> Result<(), ChangeFault> {
        self.change(|| Ok(records)).await
    }

    /// The same with what is made of the table as it is then.
    pub(super) async fn change(
        &self,
        make: impl FnOnce() -> Result<Vec<DeskRecord>, Unfit>,
    ) -> Result<(), ChangeFault> {
        // One change at a time: what is checked still holds when it is written.
        let _one = self.changing.lock().await;
        let mut records = make()?;
        let mut changed = self.read(Table::clone);
        for record in &mut records {
            if let DeskRecord::Account(account) = record {
                account.email = plain_email(&account.email);
            }
            changed.check(record)?;
            changed.put(record.clone());
        }
        changed.bind();
        self.keep.write(&records).await?;
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = changed;
        Ok(())
    }

    /// A lock that a panic left behind is still good: a table is replaced whole.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Table) -> T) -> T {
        look(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Table {
    fn check(&self, record: &DeskRecord) -> Result<(), Unfit> {
        match record {
            DeskRecord::Account(account) => self.check_account(account),
            DeskRecord::Category(category) => self.check_category(category),
            DeskRecord::AgentProfile(profile) => self.check_profile(profile),
            DeskRecord::CategoryRules(rules) => self.check_rules(rules),
            DeskRecord::Team(team) => self.check_team(team),
            DeskRecord::Supervision(supervision) => self.check_supervision(supervision),
        }?;
        // Or it could not be read again.
        Ok(record.check()?)
    }

    fn check_profile(&self, profile: &AgentProfile) -> Result<(), Unfit> {
        check_profile(profile)?;
        if !self.accounts.contains_key(&profile.person) {
            return Err(Unfit::UnknownPerson);
        }
        let known = profile.team == 0 || self.teams.contains_key(&profile.team);
        known.then_some(()).ok_or(Unfit::UnknownTeam(profile.team))
    }

    fn check_rules(&self, rules: &CategoryRules) -> Result<(), Unfit> {
        let helper = check_rules(rules)?.overflow.map(|overflow| overflow.to);
        let named = [Some(rules.id), helper].into_iter().flatten();
        let unknown = named.into_iter().find(|id| !self.categories.contains_key(id));
        unknown.map_or(Ok(()), |id| Err(Unfit::UnknownCategory(id)))
    }

    fn check_team(&self, team: &Team) -> Result<(), Unfit> {
        check_team(team)?;
        if self.teams.values().any(|other| other.name == team.name && other.id != team.id) {
            return Err(Unfit::NameTaken);
        }
        let full = self.teams.len() >= TEAMS_MAX && !self.teams.contains_key(&team.id);
        if full { Err(Unfit::TooMany) } else { Ok(()) }
    }

    fn check_account(&self, account: &Account) -> Result<(), Unfit> {
        check_account(account)?;
        if self.by_email.get(&account.email).is_some_and(|other| *other != account.person) {
            return Err(Unfit::EmailTaken);
        }
        let unknown = account.categories.0.iter().find(|id| !self.categories.contains_key(id));
        unknown.map_or(Ok(()), |id| Err(Unfit::UnknownCategory(*id)))
    }

    fn check_category(&self, category: &Category) -> Result<(), Unfit> {
        check_category(category)?;
        if self.categories.values().any(|other| other.name == category.name && other.id != category.id) {
            return Err(Unfit::NameTaken);
        }
        if self.categories.len() >= CATEGORIES_MAX && !self.categories.contains_key(&category.id) {
            return Err(Unfit::TooMany);
        }
        Ok(())
    }

    fn put(&mut self, record: DeskRecord) {
        match record {
            DeskRecord::Account(account) => {
                if let Some(before) = self.accounts.get(&account.person) {
                    self.by_email.remove(&before.email);
                }
                self.by_email.insert(account.email.clone(), account.person);
                self.accounts.insert(account.person, Arc::new(account));
            }
            DeskRecord::Category(category) => {
                self.categories.insert(category.id, Arc::new(category));
            }
            DeskRecord::AgentProfile(profile) => _ = self.profiles.insert(profile.person, Arc::new(profile)),
            DeskRecord::CategoryRules(made) => {
                // What was checked when it was put is good; what a newer engine wrote and this one cannot read is not
                // taken for something else.
                let rules = check_rules(&made).map(Arc::new);
                self.rules.extend(rules.map(|rules| (made.id, rules)));
            }
            DeskRecord::Team(team) => _ = self.teams.insert(team.id, Arc::new(team)),
            DeskRecord::Supervision(one) => _ = self.supervisions.insert(one.person, Arc::new(one)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::account::CategoryIds;
    use deskwire_protocol::Role;

    fn account(person: u64, email: &str) -> Account {
        Account {
            person: PersonId(person),
            email: email.into(),
            name: "Ann".into(),
            role: Role::Agent,
            hash: "$argon2id$".into(),
            categories: CategoryIds(vec![]),
            slots: 3,
        }
    }

    fn category(id: u16, name: &str) -> Category {
        Category { id: CategoryId(id), name: name.into(), automatic: true, early_posts: false }
    }

    async fn unfit(accounts: &Accounts, record: impl Into<DeskRecord>) -> Unfit {
        match accounts.put(vec![record.into()]).await {
            Err(ChangeFault::Unfit(unfit)) => unfit,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn an_account_is_found_by_person_and_by_address_however_typed() {
        let accounts = Accounts::load(Keep::Memory).await.unwrap();
        accounts.put(vec![account(1, " Ann@Example.ORG").into(), account(2, "bob@example.org").into()]).await.unwrap();
        assert_eq!(accounts.by_email("ANN@example.org ").unwrap().person, PersonId(1));
        assert_eq!(accounts.get(PersonId(2)).unwrap().email, "bob@example.org");
        assert!(accounts.by_email("eve@example.org").is_none() && accounts.get(PersonId(3)).is_none());

        accounts.put(vec![account(1, "ann@other.org").into()]).await.unwrap();
        assert!(accounts.by_email("ann@example.org").is_none(), "the address before leads nowhere");
        assert_eq!(accounts.all().len(), 2);
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused_and_changes_nothing() {
        let accounts = Accounts::load(Keep::Memory).await.unwrap();
        accounts.put(vec![category(1, "general").into(), account(1, "ann@example.org").into()]).await.unwrap();
        for email in ["", "ann", "@example.org", "ann@", "a b@example.org", "a\0@example.org"] {
            assert!(matches!(unfit(&accounts, account(2, email)).await, Unfit::Email(_)), "{email:?}");
        }
        assert_eq!(unfit(&accounts, account(2, "Ann@example.org")).await, Unfit::EmailTaken);
        assert_eq!(unfit(&accounts, category(2, "general")).await, Unfit::NameTaken);
        assert_eq!(unfit(&accounts, category(2, "")).await, Unfit::Name(40));
        let customer = Account { role: Role::Customer, ..account(2, "c@example.org") };
        assert_eq!(unfit(&accounts, customer).await, Unfit::Role);
        let lost = Account { categories: CategoryIds(vec![CategoryId(9)]), ..account(2, "c@example.org") };
        assert_eq!(unfit(&accounts, lost).await, Unfit::UnknownCategory(CategoryId(9)));
        let half = vec![account(2, "c@example.org").into(), account(3, "C@example.org").into()];
        assert!(accounts.put(half).await.is_err(), "two of one address");
        assert_eq!((accounts.all().len(), accounts.categories().len()), (1, 1));
    }

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let held = Account { categories: CategoryIds(vec![CategoryId(1), CategoryId(513)]), ..account(7, "a@b") };
        for record in [DeskRecord::from(held), category(513, "billing").into()] {
            assert_eq!(DeskRecord::decode(&record.encode()), Ok(record));
        }
    }
}
