//! A discussion in a room: who enters is in the log before he hears, the queue hears nothing, a crowd is told as a number.

use std::sync::Arc;

use deskwire_protocol::limits::TYPING_CONNECTIONS_MAX;
use deskwire_protocol::{ModerationAct, PersonId, Role, Time};

use super::tests::{Desk, customer};
use super::{Effect, Typing, Yes};
use crate::domain::discussion::{Foundation, Moderation};
use crate::domain::ticket::Command;
use crate::domain::who::Who;

fn person(person: u64, role: Role) -> Arc<Who> {
    Arc::new(Who { person: PersonId(person), role, ..(*customer()).clone() })
}

fn sam() -> Arc<Who> {
    person(9, Role::Supervisor)
}

fn founded() -> Desk {
    let mut desk = Desk::new();
    let foundation = Foundation { title: "Printers".into(), topic: String::new(), members_max: 250, slow_s: 0 };
    desk.command(&sam(), Command::Found(foundation), Yes::Acknowledged(0));
    assert!(!desk.left().contains(&"list".to_owned()), "it is listed once it is on disk");
    desk.sync();
    assert!(desk.left().contains(&"list".to_owned()));
    desk
}

fn moderate(desk: &mut Desk, act: ModerationAct, member: u16) {
    let wish = Moderation { act, member, seq: 0, seconds: 0, reason: String::new() };
    desk.command(&sam(), Command::Moderate(wish), Yes::Acknowledged(0));
    desk.sync();
}

/// C03, C09
#[test]
fn who_enters_is_in_the_log_before_he_hears() {
    let mut desk = founded();
    desk.join(&customer(), 0);
    assert!(desk.left().iter().all(|words| !words.starts_with("register") && !words.starts_with("page")));
    desk.sync();
    let left = desk.left();
    assert!(left.iter().any(|words| words == "register 1 at 2"), "{left:?}");
    desk.join(&customer(), 0);
    assert!(desk.left().iter().any(|words| words == "register 1 at 2"), "who is in it enters once");
}

/// C03: neither facts nor reports: whatever happens in it, the queue has nothing of it.
#[test]
fn the_queue_hears_nothing_of_a_discussion() {
    let mut desk = founded();
    desk.join(&customer(), 0);
    desk.sync();
    desk.post(&customer(), 1, "hello");
    moderate(&mut desk, ModerationAct::Mute, 1);
    desk.room.report(&mut desk.out);
    let nothing = |effect: &Effect<u32, u32>| {
        let with_facts = matches!(effect, Effect::Append { facts: Some(_), .. });
        !with_facts && !matches!(effect, Effect::Report(_) | Effect::AssignRefused { .. })
    };
    assert!(desk.out.iter().all(nothing));
    assert!(matches!(desk.out.last(), Some(Effect::NoTicket { .. })));
}

/// C03: with the removal he is told so, and then nothing.
#[test]
fn who_is_removed_is_told_so_and_hears_no_more() {
    let mut desk = founded();
    desk.join(&customer(), 0);
    desk.join(&person(2, Role::Customer), 0);
    desk.sync();
    desk.left();
    moderate(&mut desk, ModerationAct::Remove, 1);
    let left = desk.left();
    let at = |words: &str| left.iter().position(|one| one == words).unwrap_or_else(|| panic!("{words} in {left:?}"));
    assert!(at("show 1 ModeratedYou") < at("unregister 1"));
    desk.post(&person(2, Role::Customer), 1, "he is gone");
    desk.sync();
    assert!(desk.left().iter().all(|words| !words.contains(" 1 5")));
}

/// C03, C12: who comes and goes is told as a number, once for many; who types while they are few.
#[test]
fn a_crowd_is_told_as_a_number_and_its_typing_not_at_all() {
    let mut desk = founded();
    for one in 0..TYPING_CONNECTIONS_MAX as u64 {
        desk.join(&person(100 + one, Role::Customer), 0);
    }
    desk.sync();
    assert_eq!(desk.left().iter().filter(|words| *words == "crowd soon").count(), 1);
    desk.room.tell_crowd(&mut desk.out);
    assert_eq!(desk.left().len(), TYPING_CONNECTIONS_MAX);
    desk.room.typing(&person(100, Role::Customer), Typing::Post, Time::from_ms(5_000), &mut desk.out);
    assert_eq!(desk.left().len(), TYPING_CONNECTIONS_MAX - 1);
    desk.join(&customer(), 0);
    desk.sync();
    desk.left();
    desk.room.typing(&person(100, Role::Customer), Typing::Post, Time::from_ms(9_000), &mut desk.out);
    assert_eq!(desk.left(), Vec::<String>::new());
}
