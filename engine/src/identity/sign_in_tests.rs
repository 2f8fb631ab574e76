//! Rows: who is let in, and that wrong and unknown cannot be told apart.

use std::net::Ipv4Addr;

use super::*;
use crate::identity::account::CategoryIds;
use crate::identity::keep::Keep;
use crate::identity::keys::Keys;
use crate::identity::passwords::hash_now;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn now() -> Time {
    Time::from_ms(1_800_000_000_000)
}

fn ann(role: Role) -> Account {
    Account {
        person: PersonId(1),
        email: "ann@example.org".into(),
        name: "Ann".into(),
        role,
        hash: hash_now("right"),
        categories: CategoryIds::default(),
        slots: 3,
    }
}

async fn desk(sign_ins_per_minute: u32) -> Identity {
    let accounts = Accounts::load(Keep::Memory).await.unwrap();
    accounts.put(vec![ann(Role::Agent).into()]).await.unwrap();
    let tokens = Tokens::new(Keys::from_secrets(&[("k", [1; 32])]), "deskwire", 60_000, 60_000);
    Identity::new(Arc::new(accounts), Arc::new(tokens), sign_ins_per_minute)
}

/// A06
#[tokio::test]
async fn the_right_password_gives_a_token_and_all_else_one_answer() {
    let desk = desk(100).await;
    let signed_in = desk.sign_in("Ann@Example.org", "right".into(), HERE, now()).await.unwrap();
    let bearer = desk.who(&signed_in.issued.token, now()).unwrap();
    assert_eq!((bearer.person, bearer.role, bearer.name.as_str()), (PersonId(1), Role::Agent, "Ann"));
    for (email, password) in [("ann@example.org", "wrong"), ("eve@example.org", "right"), ("", "")] {
        let answer = desk.sign_in(email, password.into(), HERE, now()).await.map(|_| ());
        assert_eq!(answer, Err(NotSignedIn::Wrong), "{email} {password}");
    }
}

/// A06: the same answer after the same work, with a hash of the same cost: counted, because times lie on a busy machine.
#[tokio::test]
async fn an_unknown_address_costs_the_work_of_a_wrong_password() {
    let desk = desk(1_000).await;
    let mut done = Vec::new();
    for email in ["ann@example.org", "eve@example.org", "ann@example.org"] {
        let before = desk.passwords.work();
        desk.sign_in(email, "wrong".into(), HERE, now()).await.unwrap_err();
        done.push(desk.passwords.work() - before);
    }
    assert_eq!(done[0], done[1]);
    assert_eq!(done[0], done[2]);
    assert!(done[0] > 0);
}

/// A13 in part: what the account says now counts, not what the token said then.
#[tokio::test]
async fn a_good_token_of_a_changed_account_leads_to_nobody() {
    let desk = desk(100).await;
    let token = desk.tokens.staff(PersonId(1), Role::Agent, now()).token;
    assert!(desk.who(&token, now()).is_ok());
    desk.accounts.put(vec![ann(Role::Supervisor).into()]).await.unwrap();
    assert_eq!(desk.who(&token, now()), Err(Unknown::Account));
    let nobody = desk.tokens.staff(PersonId(2), Role::Agent, now()).token;
    assert_eq!(desk.who(&nobody, now()), Err(Unknown::Account));
}

/// A18
#[tokio::test]
async fn a_customer_comes_back_with_his_token_as_himself() {
    let desk = desk(100).await;
    let (person, issued) = desk.new_customer("Cleo", "cleo@example.org", now());
    let (other, _) = desk.new_customer("Cleo", "cleo@example.org", now());
    assert_ne!(person, other, "a typed address makes nobody the same");
    let bearer = desk.who(&issued.token, now()).unwrap();
    assert_eq!((bearer.person, bearer.role, bearer.name.as_str()), (person, Role::Customer, "Cleo"));
}

#[tokio::test]
async fn too_many_sign_ins_of_one_address_are_refused_unlooked_for_a_minute() {
    let desk = desk(2).await;
    let other = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let later = Time::from_ms(now().ms() + WINDOW_MS);
    for (from, at, refused) in [
        (HERE, now(), None),
        (HERE, now(), None),
        (HERE, now(), Some(NotSignedIn::Limited)),
        (other, now(), None),
        (HERE, later, None),
    ] {
        let answer = desk.sign_in("ann@example.org", "right".into(), from, at).await.err();
        assert_eq!(answer, refused, "{from} {at:?}");
    }
}
