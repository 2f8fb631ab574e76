//! The checker counts as each audience does: what staff say beside the talk has no place in a customer's log.

use deskwire_loadtest::checker::{Checker, Promise, Tally};
use deskwire_loadtest::text::Mark;
use deskwire_protocol::kinds::{Message, Noted, Opened};
use deskwire_protocol::{NoteKind, PersonId, Priority, PublicFrame, Role, ServerFrame, StaffFrame, TicketId, Time};

const TICKET: TicketId = TicketId(5);

fn at() -> Time {
    Time::from_ms(1)
}

fn opened() -> PublicFrame {
    let (name, category, subject) = (String::new(), "general".into(), String::new());
    Opened { ticket: TICKET, seq: 1, at: at(), name, category, priority: Priority::Normal, subject }.into()
}

fn message(seq: u32, side: u8) -> PublicFrame {
    Message { ticket: TICKET, seq, at: at(), author: u16::from(side), text: text(side) }.into()
}

fn text(side: u8) -> String {
    Mark { run: 1, chat: 0, side, ordinal: 1, due_us: 7 }.text(60)
}

fn noted(seq: u32) -> ServerFrame {
    let (name, text) = ("Susan".to_owned(), "slowly".to_owned());
    let (person, role, note) = (PersonId(8), Role::Supervisor, NoteKind::Whisper);
    StaffFrame::Noted(Noted { ticket: TICKET, seq, at: at(), note, person, name, role, text }).into()
}

/// A customer and an agent each say something, with whispers between; `leaks` hands one to the customer too.
fn play(leaks: bool, answered_at: u32) -> Tally {
    let mut checker = Checker::new(1);
    let chat = checker.chat();
    let agent = checker.agent(chat);
    for side in [0, agent] {
        checker.said(chat, side);
        checker.saw(chat, side, 1, &opened().into());
    }
    checker.saw(chat, agent, 2, &noted(2));
    if leaks {
        checker.saw(chat, 0, 2, &noted(2));
    }
    checker.acknowledged(chat, 0, 1, 2);
    checker.acknowledged(chat, agent, 1, answered_at);
    checker.saw(chat, agent, 3, &message(3, 0).into());
    checker.saw(chat, agent, 4, &noted(4));
    checker.saw(chat, agent, 5, &message(5, agent).into());
    let mut audit = checker.audit(chat, &[agent]);
    for event in [opened(), message(2, 0), message(3, agent)] {
        audit.event(&event);
    }
    let found = audit.finish();
    checker.add(&found);
    checker.tally().clone()
}

/// C08, C13
#[test]
fn a_view_with_whispers_agrees_with_the_customers_log() {
    let tally = play(false, 5);
    assert!(!tally.is_broken(), "{}", tally.broken_words());
}

/// C08
#[test]
fn a_wrong_place_among_whispers_is_found() {
    assert_eq!(play(false, 3).of(Promise::NotReordered), 1);
}

/// C13
#[test]
fn a_whisper_told_to_a_customer_is_found() {
    assert_eq!(play(true, 5).of(Promise::Private), 1);
}

/// C13: whatever its place, and though the customer has seen that place already, live or in a page.
#[test]
fn a_word_for_staff_in_any_frame_of_a_customer_is_found() {
    let said = |text: &str| -> PublicFrame {
        Message { ticket: TICKET, seq: 2, at: at(), author: 1, text: text.into() }.into()
    };
    let rows = [("hello", 0), ("what is said aside: nothing", 0), ("aside: slowly", 1)];
    for (text, leaked) in rows {
        let mut checker = Checker::new(1);
        checker.came_to_customer(&said(text).into());
        assert_eq!(checker.tally().of(Promise::Private), leaked, "{text}");
        let chat = checker.chat();
        let mut audit = checker.audit(chat, &[]);
        [opened(), said(text)].iter().for_each(|event| audit.event(event));
        assert_eq!(audit.finish().of(Promise::Private), leaked, "{text}");
    }
}

/// C13: staff number what a customer does not see; both have everything when the rest is the same.
#[test]
fn who_has_seen_everything_is_told_across_the_two_numberings() {
    let mut checker = Checker::new(1);
    let chat = checker.chat();
    let agent = checker.agent(chat);
    for side in [0, agent] {
        checker.saw(chat, side, 1, &opened().into());
    }
    assert!(checker.is_level(chat, agent));
    checker.saw_aside(chat, agent, 2);
    assert!(checker.is_level(chat, agent), "a note is not the customer's to see");
    checker.saw(chat, agent, 3, &message(3, 0).into());
    assert!(!checker.is_level(chat, agent));
    checker.saw_own(chat, 0, 2, "x");
    assert!(checker.is_level(chat, agent));
}

/// What is found where the log has the opening and one post of the customer.
fn judge(checker: &Checker, chat: u32) -> Tally {
    let mut audit = checker.audit(chat, &[]);
    [opened(), message(2, 0)].iter().for_each(|event| audit.event(event));
    audit.finish()
}

/// C10: what an agent was told in live view is not what the log holds.
#[test]
fn a_view_that_differs_from_the_log_is_found() {
    let other = |text: String| PublicFrame::from(Message { ticket: TICKET, seq: 2, at: at(), author: 0, text });
    for (told, broken) in [(text(0), ""), (text(0) + "!", "differing views 1")] {
        let mut checker = Checker::new(1);
        let chat = checker.chat();
        let agent = checker.agent(chat);
        checker.said(chat, 0);
        [0, agent].iter().for_each(|side| checker.saw(chat, *side, 1, &opened().into()));
        checker.acknowledged(chat, 0, 1, 2);
        checker.saw_own(chat, 0, 2, &text(0));
        checker.saw(chat, agent, 2, &other(told).into());
        assert_eq!(judge(&checker, chat).broken_words(), broken);
    }
}

/// C08
#[test]
fn what_was_refused_for_good_and_is_in_the_log_is_found() {
    let mut checker = Checker::new(1);
    let chat = checker.chat();
    let ordinal = checker.said(chat, 0);
    assert_eq!(judge(&checker, chat).broken_words(), "", "without an answer it may be there");
    checker.refused(chat, 0, ordinal);
    assert_eq!(judge(&checker, chat).broken_words(), "refused yet kept 1");
}

/// C08: nothing is proven of it, and that is no proof.
#[test]
fn a_log_that_could_not_be_read_is_a_broken_promise() {
    let mut checker = Checker::new(1);
    checker.unread();
    assert!(checker.tally().is_broken());
    assert_eq!(checker.tally().broken_words(), "unread 1");
}
