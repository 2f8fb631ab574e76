//! The first category of an empty desk, and the staff and categories of a demonstration.

use std::net::SocketAddr;

use deskwire_protocol::{PersonId, Role};

use super::account::{
    ASYNCHRONOUS_SLOTS, Account, AgentProfile, Category, CategoryIds, CategoryRules, DeskRecord, Team,
};
use super::accounts::{Accounts, ChangeFault};
use super::new_person;
use super::passwords::hash_now;
use crate::domain::event::{CategoryId, SkillList};
use crate::domain::matcher::{Mode, Skill, SkillId};
use crate::domain::rules::Rules;

/// Agents of the demonstration beside the named ones, for the load test.
pub const AGENTS: u32 = 400;

/// How long an offer of the demonstration stands, in seconds.
const OFFER_S: u32 = 20;
/// Skills of the demonstration.
const ENGLISH: u16 = 1;
const FRENCH: u16 = 2;

/// The people one would try it as: address before the @, name, role.
const PEOPLE: &[(&str, &str, Role)] = &[
    ("alice", "Alice", Role::Agent),
    ("bob", "Bob", Role::Agent),
    ("sam", "Sam Supervisor", Role::Supervisor),
    ("admin", "Ada Admin", Role::Admin),
];

/// Gives a desk without categories its first, so that customers have somewhere to go.
pub async fn first_category(accounts: &Accounts) -> Result<(), ChangeFault> {
    if !accounts.categories().is_empty() {
        return Ok(());
    }
    accounts.put(vec![category(1, "general", Giving::Automatic)]).await
}

/// Puts in the demonstration's categories and staff, where there are no accounts yet.
pub async fn seed(accounts: &Accounts, password: &str, slots: u16) -> Result<(), ChangeFault> {
    if !accounts.is_empty() {
        return Ok(());
    }
    let password = password.to_owned();
    // One hash, and so one salt, for all of them: 404 hashes would cost eight seconds of two cores at the first start,
    // and they share one printed password anyway. Real accounts each get their own.
    let hash = tokio::task::spawn_blocking(move || hash_now(&password)).await.expect("hashing does not panic");
    let mut records = vec![
        category(1, "general", Giving::Automatic),
        category(2, "billing", Giving::Automatic),
        category(3, "technical", Giving::ByHand),
        rules(1, Rules::default()),
        rules(2, Rules { mode: Mode::Offer, offer_s: OFFER_S, ..Rules::default() }),
        rules(3, Rules { mode: Mode::Manual, ..Rules::default() }),
        team(1, "front desk"),
        team(2, "back office"),
    ];
    let named = PEOPLE.iter().map(|(at, name, role)| ((*at).to_owned(), (*name).to_owned(), *role));
    let numbered = (1..=AGENTS).map(|number| (format!("agent-{number:03}"), format!("Agent {number:03}"), Role::Agent));
    records.extend(named.chain(numbered).enumerate().flat_map(|(number, (at, name, role))| {
        let person = new_person();
        let account = Account {
            person,
            email: address(&at),
            name,
            role,
            hash: hash.clone(),
            categories: CategoryIds((1..=3).map(CategoryId).collect()),
            slots,
        };
        [account.into(), profile(person, number).into()]
    }));
    accounts.put(records).await
}

/// Every second one is in the other team; everybody knows English, one in three French.
fn profile(person: PersonId, number: usize) -> AgentProfile {
    let skill = |id, level| Skill { id: SkillId(id), level };
    let french = number.is_multiple_of(3).then(|| skill(FRENCH, 3));
    let skills = SkillList([Some(skill(ENGLISH, 5)), french].into_iter().flatten().collect());
    let team = if number.is_multiple_of(2) { 1 } else { 2 };
    AgentProfile { person, team, skills, asynchronous: ASYNCHRONOUS_SLOTS }
}

fn rules(id: u16, rules: Rules) -> DeskRecord {
    CategoryRules { id: CategoryId(id), text: rules.text() }.into()
}

fn team(id: u16, name: &str) -> DeskRecord {
    Team { id, name: name.to_owned(), live: u16::MAX, asynchronous: u16::MAX }.into()
}

/// What `demo` prints: where to go and how to sign in.
pub fn greeting(listen: SocketAddr, ops: SocketAddr, password: &str) -> String {
    let mut text = format!("Deskwire demo\n\n  customer   http://{listen}/\n  staff      http://{listen}/agent\n");
    text.push_str(&format!("  operator   http://{ops}/metrics\n\n  password of all staff: {password}\n"));
    for (at, _, role) in PEOPLE {
        text.push_str(&format!("  {:<11}{}\n", format!("{role:?}").to_lowercase(), address(at)));
    }
    text.push_str(&format!("  agents     {} … {}\n", address("agent-001"), address(&format!("agent-{AGENTS}"))));
    text
}

enum Giving {
    Automatic,
    ByHand,
}

fn category(id: u16, name: &str, giving: Giving) -> DeskRecord {
    let automatic = matches!(giving, Giving::Automatic);
    DeskRecord::from(Category { id: CategoryId(id), name: name.to_owned(), automatic, early_posts: true })
}

fn address(at: &str) -> String {
    format!("{at}@demo.example")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::keep::Keep;
    use crate::store::{Store, StoreSettings};

    #[tokio::test]
    async fn the_demonstration_is_there_after_a_restart_and_put_in_once() {
        let directory = tempfile::tempdir().unwrap();
        let mut people = Vec::new();
        for _ in 0..2 {
            let (store, thread) = Store::open(directory.path(), StoreSettings::default()).unwrap();
            let accounts = Accounts::load(Keep::Store(store)).await.unwrap();
            seed(&accounts, "secret", 3).await.unwrap();
            assert_eq!((accounts.all().len(), accounts.categories().len()), (404, 3));
            assert!(accounts.by_email("agent-400@demo.example").unwrap().serves(CategoryId(3)));
            people.push(accounts.by_email("alice@demo.example").unwrap().person);
            thread.stop().await;
        }
        assert_eq!(people[0], people[1], "Alice is the same after a restart");
    }

    #[tokio::test]
    async fn an_empty_desk_gets_one_category_and_only_one() {
        let accounts = Accounts::load(Keep::Memory).await.unwrap();
        first_category(&accounts).await.unwrap();
        first_category(&accounts).await.unwrap();
        assert_eq!(accounts.category_by_name("general").unwrap().id, CategoryId(1));
        assert_eq!(accounts.categories().len(), 1);
    }

    #[test]
    fn the_greeting_names_the_address_and_every_login() {
        let text = greeting(([127, 0, 0, 1], 8080).into(), ([127, 0, 0, 1], 9090).into(), "secret");
        for words in ["http://127.0.0.1:8080/", "/agent", "secret", "alice@demo.example", "agent-400@demo.example"] {
            assert!(text.contains(words), "{words}");
        }
    }
}
