//! The rules of a discussion, and that its log alone says what it is.

use deskwire_protocol::{StreamId, TicketId};
use proptest::prelude::*;

use deskwire_protocol::limits::MODERATION_SECONDS_MAX;

use super::*;
use crate::domain::audience;
use crate::domain::ticket::{Command, Decision, Ticket};
use crate::domain::view::{self, Sight};

const ROOM: TicketId = TicketId(7);

fn who(person: u64, role: Role) -> Who {
    Who {
        person: PersonId(person),
        role,
        name: format!("person {person}").into(),
        categories: [].into(),
        reachable: false,
        sight: crate::domain::who::Sight::default(),
    }
}

fn customer(person: u64) -> Who {
    who(person, Role::Customer)
}

fn sam() -> Who {
    who(1, Role::Supervisor)
}

/// A discussion and its log.
struct Hall {
    ticket: Ticket,
    log: Vec<Event>,
    now: Time,
}

impl Hall {
    fn of(members_max: u16, slow_s: u32) -> Hall {
        let foundation = Foundation { title: "Printers".into(), topic: String::new(), members_max, slow_s };
        let first = Ticket::decide_first(&sam(), Command::Found(foundation), Time::from_ms(1_000)).unwrap();
        Hall { ticket: Ticket::begin(ROOM, &first).unwrap(), log: vec![first], now: Time::from_ms(1_000) }
    }

    fn at_s(&mut self, seconds: u64) {
        self.now = Time::from_ms(1_000 + seconds * 1_000);
    }

    fn carry_out(&mut self, who: &Who, command: Command) -> Result<usize, Refused> {
        match self.ticket.decide(who, command, self.now)? {
            Decision::Events(events) => {
                events.iter().for_each(|event| self.ticket.apply(event));
                self.log.extend(events.iter().cloned());
                Ok(events.len())
            }
            Decision::Repeat(_) | Decision::Already => Ok(0),
        }
    }

    fn enter(&mut self, person: u64) -> Result<usize, Refusal> {
        self.carry_out(&customer(person), Command::Enter).map_err(|no| no.refusal)
    }

    fn say(&mut self, who: &Who, number: u32) -> Result<usize, Refused> {
        let stream = StreamId(u128::from(who.person.0));
        self.carry_out(who, Command::Post { stream, number, text: format!("{number}") })
    }

    fn act(&mut self, act: ModerationAct, member: u16, seconds: u32) -> Result<usize, Refusal> {
        let wish = Moderation { act, member, seq: 0, seconds, reason: "because".into() };
        self.carry_out(&sam(), Command::Moderate(wish)).map_err(|no| no.refusal)
    }

    fn delete(&mut self, seq: u32) -> Result<usize, Refusal> {
        let wish = Moderation { act: ModerationAct::DeletePost, member: 0, seq, seconds: 0, reason: String::new() };
        self.carry_out(&sam(), Command::Moderate(wish)).map_err(|no| no.refusal)
    }

    fn discussion(&self) -> &Discussion {
        self.ticket.outline().discussion().unwrap()
    }
}

/// C03: 250 members, the 251st is told so; who leaves makes a place.
#[test]
fn the_251st_is_refused_and_a_place_that_is_left_is_free() {
    let mut hall = Hall::of(250, 0);
    for person in 2..=250 {
        assert_eq!(hall.enter(person), Ok(1));
    }
    assert_eq!(hall.enter(9), Ok(0), "he is in it already");
    let full = hall.carry_out(&customer(251), Command::Enter).unwrap_err();
    assert_eq!(full.refusal, Refusal::DiscussionFull);
    assert!(full.detail.contains("250"), "{}", full.detail);
    assert_eq!(hall.say(&customer(251), 1).unwrap_err().refusal, Refusal::UnknownTicket);
    assert_eq!(hall.carry_out(&customer(9), Command::Depart), Ok(1));
    assert_eq!(hall.enter(251), Ok(1));
    assert_eq!(hall.enter(9), Err(Refusal::DiscussionFull));
    assert_eq!(hall.discussion().inside(), 250);
}

/// C03, C08: what is refused uses no number up; what was accepted is acknowledged again, whatever was done since.
#[test]
fn a_number_that_was_refused_is_free_and_one_that_was_taken_stays_taken() {
    let mut hall = Hall::of(9, 0);
    let carl = customer(2);
    hall.enter(2).unwrap();
    assert_eq!(hall.say(&carl, 1), Ok(1));
    for (act, undo, expected) in [
        (ModerationAct::Mute, ModerationAct::Unmute, (Refusal::Muted, 2)),
        (ModerationAct::Remove, ModerationAct::Unban, (Refusal::NotAMember, 2)),
        // Who is banned learns nothing of his numbers either.
        (ModerationAct::Ban, ModerationAct::Unban, (Refusal::Banned, 0)),
    ] {
        hall.act(act, 1, 0).unwrap();
        assert_eq!(hall.say(&carl, 1), Ok(0), "{act:?}: a repeat");
        assert_eq!(hall.say(&carl, 2).unwrap_err().refusal, expected.0);
        assert_eq!(hall.say(&carl, 3).unwrap_err().expected, expected.1);
        hall.act(undo, 1, 0).unwrap();
        _ = hall.enter(2);
    }
    assert_eq!(hall.say(&carl, 2), Ok(1));
}

/// C03: a mute ends by itself or never; moderators are beyond it.
#[test]
fn a_mute_lasts_as_long_as_it_says() {
    let mut hall = Hall::of(9, 0);
    let carl = customer(2);
    hall.enter(2).unwrap();
    hall.act(ModerationAct::Mute, 1, 60).unwrap();
    hall.at_s(59);
    let muted = hall.say(&carl, 1).unwrap_err();
    assert_eq!((muted.refusal, muted.detail.as_str()), (Refusal::Muted, "muted for 1 more seconds"));
    hall.at_s(60);
    assert_eq!(hall.say(&carl, 1), Ok(1));
    hall.act(ModerationAct::Mute, 1, 0).unwrap();
    hall.at_s(1_000_000_000);
    assert_eq!(hall.say(&carl, 2).unwrap_err().detail, "muted for good");
    for act in [ModerationAct::Mute, ModerationAct::Remove, ModerationAct::Ban] {
        assert_eq!(hall.act(act, 0, 0), Err(Refusal::Moderates));
    }
    assert_eq!(hall.act(ModerationAct::Mute, 9, 0), Err(Refusal::UnknownPost));
    assert_eq!(hall.act(ModerationAct::Mute, 1, MODERATION_SECONDS_MAX + 1), Err(Refusal::Malformed));
}

/// C03: one post in so many seconds, staff as often as they like; who is too soon is told when.
#[test]
fn slow_mode_says_when_and_minds_no_staff() {
    let mut hall = Hall::of(9, 30);
    let carl = customer(2);
    hall.enter(2).unwrap();
    assert_eq!(hall.say(&carl, 1), Ok(1));
    hall.at_s(10);
    let soon = hall.say(&carl, 2).unwrap_err();
    assert_eq!((soon.refusal, soon.retry_ms), (Refusal::TooSoon, 20_000));
    assert_eq!(hall.say(&carl, 3).unwrap_err().refusal, Refusal::TooSoon, "what follows it is too soon as well");
    assert_eq!((hall.say(&sam(), 1), hall.say(&sam(), 2)), (Ok(1), Ok(1)));
    hall.at_s(30);
    assert_eq!(hall.say(&carl, 2), Ok(1));
    hall.act(ModerationAct::SlowMode, 0, 0).unwrap();
    assert_eq!(hall.say(&carl, 3), Ok(1));
}

/// C03: those who moderate, and nobody else; appointed staff do too.
#[test]
fn only_those_who_moderate_do() {
    let mut hall = Hall::of(9, 0);
    let (alice, carl) = (who(3, Role::Agent), customer(2));
    hall.enter(2).unwrap();
    assert_eq!(hall.carry_out(&alice, Command::Enter), Ok(1));
    let mute = |member| Moderation { act: ModerationAct::Mute, member, seq: 0, seconds: 0, reason: String::new() };
    for one in [&alice, &carl, &customer(5)] {
        let no = hall.carry_out(one, Command::Moderate(mute(1))).unwrap_err();
        assert_eq!(no.refusal, Refusal::Forbidden);
    }
    assert_eq!(hall.act(ModerationAct::Appoint, 1, 0), Err(Refusal::Forbidden), "a customer moderates nothing");
    assert_eq!(hall.act(ModerationAct::Appoint, 2, 0), Ok(1));
    assert_eq!(hall.carry_out(&alice, Command::Moderate(mute(1))), Ok(1));
    assert_eq!(hall.act(ModerationAct::Mute, 2, 0), Err(Refusal::Moderates));
    assert_eq!(hall.act(ModerationAct::Dismiss, 2, 0), Ok(1));
    assert_eq!(hall.act(ModerationAct::Mute, 2, 0), Ok(1));
    let found = Foundation { title: "Mine".into(), topic: String::new(), members_max: 9, slow_s: 0 };
    for one in [alice, carl] {
        let no = Ticket::decide_first(&one, Command::Found(found.clone()), Time::default()).unwrap_err();
        assert_eq!(no.refusal, Refusal::Forbidden);
    }
}

/// C03: nothing of a ticket's life happens to it, and the queue has nothing of it.
#[test]
fn a_discussion_has_no_stage_and_no_owner() {
    let mut hall = Hall::of(9, 0);
    let facts = hall.ticket.outline().facts().clone();
    assert!(facts.is_done_with() && !facts.is_waiting() && facts.owner().is_none());
    let advance = |step| Command::Advance { step, reason: String::new() };
    for step in deskwire_protocol::Step::ALL {
        assert_eq!(hall.carry_out(&sam(), advance(*step)).unwrap_err().refusal, Refusal::Forbidden);
    }
    assert_eq!(hall.carry_out(&sam(), Command::TakePart).unwrap_err().refusal, Refusal::Forbidden);
    let routing = deskwire_protocol::Routing::Picked;
    let assign = Command::Assign { round: 0, routing, wrap_up_s: 0, moved: None };
    assert_eq!(hall.carry_out(&sam(), assign).unwrap_err().refusal, Refusal::Taken);
    hall.enter(2).unwrap();
    hall.say(&customer(2), 1).unwrap();
    assert_eq!(*hall.ticket.outline().facts(), facts);
}

#[test]
fn a_post_is_deleted_once_and_only_where_there_is_one() {
    let mut hall = Hall::of(9, 0);
    hall.say(&sam(), 1).unwrap();
    assert_eq!((hall.delete(0), hall.delete(3)), (Err(Refusal::UnknownPost), Err(Refusal::UnknownPost)));
    assert_eq!((hall.delete(2), hall.delete(2)), (Ok(1), Ok(0)));
    assert!(hall.discussion().deleted().contains(&2));
}

/// What a step of the property test does.
fn step(hall: &mut Hall, (kind, person, argument): (u8, u64, u32)) {
    let member = (argument % 7) as u16;
    let customer = customer(2 + person % 6);
    _ = match kind % 6 {
        0 => hall.carry_out(&customer, Command::Enter),
        1 => hall.carry_out(&customer, Command::Depart),
        2 => {
            let number = hall.ticket.streams().head_at(customer.person, StreamId(customer.person.0.into()), u32::MAX);
            hall.say(&customer, number + 1)
        }
        _ => {
            let act = ModerationAct::ALL[argument as usize % ModerationAct::ALL.len()];
            let (seq, seconds) = (argument % 20, argument % 50);
            let wish = Moderation { act, member, seq, seconds, reason: String::new() };
            hall.carry_out(&sam(), Command::Moderate(wish))
        }
    };
}

proptest! {
    /// C03, C08: whatever is asked for, the bound holds, the log alone says what is so, and what customers are shown of
    /// it is exactly what has a number for them.
    #[test]
    fn a_discussion_is_what_its_log_says(steps in prop::collection::vec(any::<(u8, u64, u32)>(), 0..200)) {
        let mut hall = Hall::of(4, 5);
        for (at, one) in steps.into_iter().enumerate() {
            hall.at_s(at as u64 * 2);
            step(&mut hall, one);
            let inside = hall.discussion().seats.iter().filter(|seat| seat.presence == Presence::In).count();
            prop_assert_eq!(hall.discussion().inside(), inside);
            prop_assert!(inside <= 4);
        }
        let mut again = Ticket::begin(ROOM, &hall.log[0]).unwrap();
        hall.log[1..].iter().for_each(|event| again.apply(event));
        prop_assert_eq!(again.outline(), hall.ticket.outline());
        for event in &hall.log {
            let seen = view::public(ROOM, 1, event, Sight::Others).is_some();
            prop_assert_eq!(seen, !audience::is_hidden(event));
            prop_assert!(view::staff(ROOM, 1, event, Sight::Others).is_some());
        }
    }
}

/// A moderator, a member, a visitor, one who is banned: y = may, f = forbidden, n = enter first, b = banned.
const TABLE: &str = "
    Read y y y b | Enter y y y b | Post y y n b | Moderate y f f b | Found f f f b | OpenTicket f f f b
    SetStatus f f f b | WatchQueue f f f b | Administer f f f b | Note f f f b | Whisper f f f b | TakePart f f f b
    Transfer f f f b | TakeOver f f f b | WrapUp f f f b | Pick f f f b | Advance(Close) f f f b
";

/// C03, A11: who may do what in a discussion, written a second time by hand.
#[test]
fn every_cell_of_a_discussions_table_is_as_written_by_hand() {
    use Action::{Administer, Enter, Moderate, Note, OpenTicket, Pick, Post, Read, SetStatus, TakeOver, TakePart};
    use Action::{Transfer, WatchQueue, Whisper, WrapUp};
    let rows = TABLE.split(['|', '\n']).map(str::trim).filter(|row| !row.is_empty());
    let actions = [Read, Enter, Post, Moderate, Action::Found, OpenTicket, SetStatus, WatchQueue, Administer, Note]
        .into_iter()
        .chain([Whisper, TakePart, Transfer, TakeOver, WrapUp, Pick, Action::Advance(deskwire_protocol::Step::Close)]);
    let parts = [Part::Moderator, Part::Member, Part::Visitor, Part::Banned];
    for (row, action) in rows.zip(actions) {
        let mut words = row.split_whitespace();
        assert_eq!(words.next(), Some(format!("{action:?}").as_str()));
        for (part, word) in parts.into_iter().zip(words) {
            let expected = match word {
                "y" => Ok(()),
                "f" => Err(Refusal::Forbidden),
                "n" => Err(Refusal::NotAMember),
                "b" => Err(Refusal::Banned),
                other => panic!("{other}"),
            };
            assert_eq!(authorize(&sam().actor(), action, Target::Discussion(part)), expected, "{row}: {part:?}");
        }
    }
}

/// C03: bounds of what a discussion remembers.
#[test]
fn moderations_and_streams_of_a_discussion_have_their_bounds() {
    use deskwire_protocol::limits::{MODERATIONS_PER_DISCUSSION_MAX, STREAMS_PER_DISCUSSION_MAX};
    let mut hall = Hall::of(9, 0);
    hall.enter(2).unwrap();
    for _ in 0..MODERATIONS_PER_DISCUSSION_MAX / 2 {
        assert_eq!(hall.act(ModerationAct::Mute, 1, 0), Ok(1));
        assert_eq!(hall.act(ModerationAct::Unmute, 1, 0), Ok(1));
    }
    assert_eq!(hall.act(ModerationAct::Mute, 1, 0), Err(Refusal::ModerationsFull));
    let post = |stream| Command::Post { stream: StreamId(stream), number: 1, text: "once".into() };
    for stream in 0..STREAMS_PER_DISCUSSION_MAX as u128 {
        assert_eq!(hall.carry_out(&customer(2), post(stream)), Ok(1));
    }
    assert_eq!(hall.carry_out(&customer(2), post(u128::MAX)).unwrap_err().refusal, Refusal::StreamsFull);
}
