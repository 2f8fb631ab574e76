//! What staff do beside the talk: customers' numbers have no hole where it was, and staff miss none of it.

use std::sync::Arc;

use deskwire_protocol::kinds::FROM_NEWEST;
use deskwire_protocol::limits::{NOTES_PER_TICKET_MAX, WATCHES_PER_TICKET_MAX};
use deskwire_protocol::{NoteKind, PersonId, Role, Step, StreamId, Time};

use super::tests::{Desk, agent, connection, customer};
use super::*;
use crate::domain::who::{Sight, Who};

fn supervisor() -> Arc<Who> {
    Arc::new(Who {
        person: PersonId(8),
        role: Role::Supervisor,
        name: "Susan".into(),
        categories: [].into(),
        reachable: true,
        sight: Sight::default(),
    })
}

impl Desk {
    fn note(&mut self, who: &Arc<Who>, note: NoteKind, number: u32, text: &str) -> u32 {
        let stream = StreamId(900 + u128::from(who.person.0));
        let command = Command::Note { stream, number, note, text: text.into() };
        self.command(who, command, Yes::Acknowledged(number))
    }

    fn notes(&mut self, from: u32, to: u32) {
        for number in from..=to {
            self.note(&agent(2), NoteKind::Note, number, "aside");
        }
    }

    fn take_part(&mut self, who: &Arc<Who>) -> u32 {
        self.command(who, Command::TakePart, Yes::Acknowledged(0))
    }

    /// All connections of somebody go.
    fn goes(&mut self, who: &Who) {
        self.room.listeners.iter().filter(|one| one.who.person == who.person).for_each(|one| one.end());
        self.room.left(who.person, Time::from_ms(2_000), &mut self.out);
    }

    fn log(&self) -> Vec<String> {
        let name = |event: &Arc<Event>| format!("{event:?}").split('(').next().unwrap_or_default().to_owned();
        self.room.tail.iter().map(name).collect()
    }
}

/// C13, promise 3: a note moves a customer's mark and nothing else; his next number follows his last.
#[test]
fn a_customer_hears_no_note_and_his_numbers_have_no_hole() {
    let mut desk = Desk::talking();
    desk.join(&customer(), 0);
    desk.join(&agent(2), 0);
    desk.out.clear();
    let note = desk.note(&agent(2), NoteKind::Note, 1, "a difficult one");
    let post = desk.post(&customer(), 1, "hello");
    let answer = desk.post(&agent(2), 1, "good day");
    desk.sync();
    let left = desk.left();
    assert_eq!(left[3..6], ["mark 1 3".to_owned(), format!("ack {note} #1 at 3"), "mark 2 3 answered".into()]);
    assert_eq!(left[6..9], ["tell 2 4 Others".to_owned(), format!("ack {post} #1 at 3"), "mark 1 4 answered".into()]);
    assert_eq!(left[9..11], ["tell 1 4 for 5 Others".to_owned(), format!("ack {answer} #1 at 5")]);
}

/// C13, C10: what a customer names and is named is his own numbering: after, head, ahead, repeats.
#[test]
fn a_customers_join_is_in_his_own_numbers() {
    let mut desk = Desk::talking();
    desk.note(&agent(2), NoteKind::Note, 1, "one");
    desk.post(&customer(), 1, "hello");
    desk.note(&agent(2), NoteKind::Note, 2, "two");
    desk.sync();
    desk.out.clear();
    let ask = desk.join(&customer(), 0);
    assert!(desk.left().contains(&format!("page {ask} 1-3 (3) of 3")));
    let ask = desk.join(&customer(), 3);
    assert!(desk.left().contains(&format!("page {ask} (0) of 3")));
    let ask = desk.join(&customer(), 4);
    assert_eq!(desk.left(), [format!("refuse {ask} Ahead 0")]);
    let ask = desk.post(&customer(), 1, "hello");
    assert_eq!(desk.left(), [format!("ack {ask} #1 at 3")]);
    let ask = desk.join(&agent(2), 2);
    assert!(desk.left().contains(&format!("page {ask} 3-5 (3) of 5")));
}

/// C13, C10: where more than the room has at hand is hidden, a customer's page still leads on, from the tail or aside.
#[test]
fn pages_that_would_be_hidden_altogether_lead_on() {
    let mut desk = Desk::talking();
    desk.notes(1, 300);
    desk.post(&customer(), 1, "in between");
    desk.notes(301, 1_000);
    desk.sync();
    desk.out.clear();
    let ask = desk.join(&customer(), 0);
    assert_eq!(desk.left(), [format!("read aside {ask} 0..1003")]);
    let ask = desk.join(&customer(), 2);
    assert_eq!(desk.left(), [format!("read aside {ask} 302..1003")], "it begins with what he sees");
    let ask = desk.join(&customer(), 3);
    assert_eq!(desk.left()[2..], [format!("page {ask} (0) of 3")]);
    let ask = desk.join(&customer(), FROM_NEWEST);
    assert_eq!(desk.left(), [format!("read aside {ask} 0..1003")]);
    let ask = desk.post(&customer(), 2, "hello");
    desk.sync();
    assert!(desk.left().contains(&format!("ack {ask} #2 at 4")));
}

/// C13: a note is taken once, numbered with the posts of its stream; the same text as a post is another thing.
#[test]
fn a_note_is_taken_exactly_once() {
    let mut desk = Desk::talking();
    desk.note(&agent(2), NoteKind::Note, 1, "once");
    desk.note(&agent(2), NoteKind::Note, 1, "once");
    desk.note(&agent(2), NoteKind::Whisper, 1, "once");
    desk.note(&supervisor(), NoteKind::Note, 1, "of another person's stream");
    desk.note(&supervisor(), NoteKind::Whisper, 3, "skipped");
    let stream = StreamId(902);
    desk.command(&agent(2), Command::Post { stream, number: 1, text: "once".into() }, Yes::Acknowledged(1));
    desk.command(&agent(2), Command::Post { stream, number: 2, text: "a post".into() }, Yes::Acknowledged(2));
    desk.sync();
    let left: Vec<String> = desk.left().into_iter().filter(|line| !line.starts_with("append")).collect();
    let expected = [
        "ack 2 #1 at 3",
        "ack 3 #1 at 3",
        "refuse 4 Forbidden 0",
        "ack 5 #1 at 4",
        "refuse 6 OutOfOrder 2",
        "refuse 7 StreamConflict 2",
        "ack 8 #2 at 5",
    ];
    assert_eq!(left, expected);
}

/// The limit NOTES_PER_TICKET_MAX. C14: a whisper needs somebody who has the ticket, a note does not.
#[test]
fn notes_have_their_bound_and_whispers_their_hearer() {
    let mut desk = Desk::talking();
    desk.notes(1, NOTES_PER_TICKET_MAX as u32);
    desk.sync();
    desk.out.clear();
    let ask = desk.note(&agent(2), NoteKind::Note, NOTES_PER_TICKET_MAX as u32 + 1, "one too many");
    assert_eq!(desk.left(), [format!("refuse {ask} NotesFull 0")]);
    let mut desk = Desk::talking();
    desk.note(&supervisor(), NoteKind::Whisper, 1, "slowly");
    desk.advance(&agent(2), Step::Close);
    desk.note(&supervisor(), NoteKind::Whisper, 2, "too late");
    desk.note(&supervisor(), NoteKind::Note, 2, "for whoever reads it");
    let stranger = Arc::new(Who { categories: [].into(), ..(*agent(5)).clone() });
    desk.note(&stranger, NoteKind::Note, 1, "not his");
    desk.note(&customer(), NoteKind::Note, 1, "not his");
    desk.sync();
    let left: Vec<String> = desk.left().into_iter().filter(|line| line.starts_with("refuse")).collect();
    assert_eq!(left, ["refuse 4 IllegalStep 0", "refuse 6 UnknownTicket 0", "refuse 7 Forbidden 0"]);
}

/// C14: who watches stands in the log before he reads, once for all his connections, and is shown to no customer.
#[test]
fn a_silent_watch_is_in_the_log_and_shown_to_no_customer() {
    let mut desk = Desk::talking();
    desk.join(&customer(), 0);
    desk.join(&agent(2), 0);
    desk.out.clear();
    desk.join(&supervisor(), 0);
    assert_eq!(desk.left(), ["append 3+1"], "nothing is read before it is on disk");
    desk.sync();
    let left = desk.left();
    assert_eq!(left[..3], ["mark 1 3", "tell 2 3 Others", "register 8 at 3"]);
    assert!(!left.iter().any(|line| line.starts_with("show 1")), "{left:?}");
    assert!(left.contains(&"show 8 Presence".to_owned()), "he sees who is there: {left:?}");
    desk.join(&supervisor(), 3);
    for what in [Typing::Post, Typing::Note] {
        desk.room.typing(&supervisor(), what, Time::from_ms(9_000), &mut desk.out);
    }
    desk.goes(&supervisor());
    desk.sync();
    let left = desk.left();
    assert!(!left.iter().any(|line| line.starts_with("show 1") || line.starts_with("tell 1")), "{left:?}");
    assert_eq!(left.iter().filter(|line| *line == "show 2 staff").count(), 1, "{left:?}");
    assert_eq!(desk.log()[2..], ["WatchBegan", "WatchEnded"]);
}

/// C14: one of two connections goes while the other joins: the watch goes on. Where it had ended before the other came,
/// it begins anew before he reads.
#[test]
fn a_watch_ends_with_the_last_connection_and_begins_before_the_next() {
    let mut desk = Desk::talking();
    desk.join(&supervisor(), 0);
    desk.sync();
    desk.post(&customer(), 1, "not on disk yet");
    desk.join(&supervisor(), 0);
    desk.goes(&supervisor());
    desk.out.clear();
    desk.sync();
    assert!(desk.left().contains(&"register 8 at 4".to_owned()));
    assert_eq!(desk.log()[2..], ["WatchBegan", "Posted"]);
    desk.post(&customer(), 2, "not on disk yet");
    desk.goes(&supervisor());
    desk.join(&supervisor(), 0);
    desk.join(&supervisor(), 0);
    desk.out.clear();
    desk.sync();
    assert!(!desk.left().iter().any(|line| line.starts_with("register")));
    desk.sync();
    assert_eq!(desk.left().iter().filter(|line| *line == "register 8 at 7").count(), 2);
    assert_eq!(desk.log()[4..], ["Posted", "WatchEnded", "WatchBegan"]);
}

/// C14: a fall does not double a beginning, and ends the watch of who did not come back.
#[test]
fn a_watch_survives_a_fall_and_ends_with_one() {
    let mut old = Desk::talking();
    old.join(&supervisor(), 0);
    old.sync();
    let registration = old.room.listeners[0].clone();
    for listeners in [vec![registration], Vec::new()] {
        let ends = listeners.is_empty();
        let mut new = Desk::new();
        for event in &old.room.tail {
            assert!(new.room.replay((**event).clone()));
        }
        new.room.wake(listeners, Time::from_ms(1_000), &mut new.out);
        assert_eq!(new.left().contains(&"append 4+1".to_owned()), ends);
        new.join(&supervisor(), 3);
        new.sync();
        let expected: &[&str] = if ends { &["WatchBegan", "WatchEnded", "WatchBegan"] } else { &["WatchBegan"] };
        assert_eq!(new.log()[2..], *expected);
    }
}

/// The limit WATCHES_PER_TICKET_MAX: who would begin one more is refused, and every beginning has place for its end.
#[test]
fn watches_have_their_bound() {
    let mut desk = Desk::talking();
    for _ in 0..WATCHES_PER_TICKET_MAX / 2 {
        desk.join(&supervisor(), 0);
        desk.sync();
        desk.goes(&supervisor());
        desk.sync();
    }
    desk.out.clear();
    let ask = desk.join(&supervisor(), 0);
    assert_eq!(desk.left(), [format!("refuse {ask} NotesFull 0")]);
}

/// C14: who watched and takes part is a member whom all see from then on, and who may talk.
#[test]
fn who_takes_part_is_seen_from_then_on() {
    let mut desk = Desk::talking();
    desk.join(&customer(), 0);
    desk.join(&supervisor(), 0);
    desk.sync();
    desk.out.clear();
    let ask = desk.post(&supervisor(), 1, "not yet");
    assert_eq!(desk.left(), [format!("refuse {ask} UnknownTicket 0")]);
    desk.take_part(&supervisor());
    desk.post(&supervisor(), 1, "let me help");
    desk.sync();
    let left = desk.left();
    assert!(left.contains(&"tell 1 3 for 4 Others".to_owned()), "{left:?}");
    assert!(left.contains(&"show 1 Presence".to_owned()), "{left:?}");
    assert!(left.contains(&"tell 1 4 for 5 Others".to_owned()), "{left:?}");
    let ask = desk.take_part(&supervisor());
    assert_eq!(desk.left(), [format!("ack {ask} #0 at 5")]);
    desk.goes(&supervisor());
    assert_eq!(desk.left(), ["show 1 Presence"]);
    desk.sync();
    assert_eq!(desk.log()[2..], ["WatchBegan", "MemberAdded", "Posted"], "taking part ends the watch");
    let ask = desk.take_part(&agent(2));
    assert_eq!(desk.left(), [format!("refuse {ask} Forbidden 0")]);
}

/// A22: a colleague who took part reads on only while he is entitled; notes made then are not for him.
#[test]
fn a_member_who_is_not_entitled_any_more_hears_no_notes() {
    let mut desk = Desk::talking();
    desk.join(&agent(2), 0);
    desk.advance(&agent(2), Step::Requeue);
    desk.note(&agent(2), NoteKind::Note, 1, "he may read it while it waits");
    desk.sync();
    assert!(desk.left().contains(&"tell 2 4 Own".to_owned()) || desk.room.listeners.len() == 1);
    desk.assign(3, 2);
    desk.note(&agent(3), NoteKind::Note, 1, "about him");
    desk.out.clear();
    desk.sync();
    let left = desk.left();
    assert!(left.contains(&"tell 2 5 Others".to_owned()), "{left:?}");
    assert!(!left.contains(&"tell 2 6 Others".to_owned()), "{left:?}");
    assert_eq!(connection(&agent(2)), 2);
}

/// C19, C14: a look is answered as a join is, hears nothing afterwards, and of who watches it leaves begin and end.
#[test]
fn who_looks_once_is_in_the_log_for_as_long_and_hears_nothing() {
    let mut desk = Desk::talking();
    desk.note(&agent(2), NoteKind::Note, 1, "one");
    desk.post(&customer(), 1, "hello");
    desk.sync();
    desk.out.clear();
    let look = |desk: &mut Desk, who: &Arc<Who>, look: Look| {
        desk.room.look(who.clone(), look, 70, Time::from_ms(2_000), &mut desk.out);
        desk.left()
    };
    assert_eq!(look(&mut desk, &customer(), Look::After(1)), ["page 70 2-3 (2) of 3"]);
    assert_eq!(look(&mut desk, &customer(), Look::Now), ["answer 70 Joined"]);
    assert_eq!(look(&mut desk, &agent(2), Look::After(2)), ["page 70 3-4 (2) of 4"]);
    assert_eq!(look(&mut desk, &agent(2), Look::Before(3)), ["read back 70 3"]);
    assert_eq!(look(&mut desk, &customer(), Look::After(4)), ["refuse 70 Ahead 0"]);
    assert!(desk.room.listeners.is_empty());

    assert_eq!(look(&mut desk, &supervisor(), Look::After(4)), ["append 5+1"], "not before it is on disk");
    assert_eq!(look(&mut desk, &supervisor(), Look::Now), Vec::<String>::new());
    for _ in 0..4 {
        desk.sync();
    }
    let left = desk.left();
    let answers: Vec<&String> = left.iter().filter(|words| !words.starts_with("append")).collect();
    assert_eq!(answers, ["page 70 5-5 (1) of 5", "answer 70 Joined"]);
    assert_eq!(desk.log()[4..], ["WatchBegan", "WatchEnded", "WatchBegan", "WatchEnded"]);
    assert!(desk.room.listeners.is_empty() && desk.room.is_settled());
    let stranger = agent(3);
    assert_eq!(look(&mut desk, &stranger, Look::Now), ["refuse 70 UnknownTicket 0"]);
}
