//! The room's promises, as rows: nothing leaves before it is durable, and everybody hears everything once, in order.

use std::sync::Arc;

use deskwire_protocol::kinds::{FROM_NEWEST, PublicFrame, StaffFrame};
use deskwire_protocol::{
    PersonId, Phase, Priority, Refusal, Role, Routing, ServerFrame, StageName, Step, StreamId, TicketId, Time,
};

use super::*;
use crate::domain::event::CategoryId;

const TICKET: TicketId = TicketId(77);
const STREAM: StreamId = StreamId(5);

/// A question is its own number, a connection too.
type TestRoom = Room<u32, u32>;
type Out = Vec<Effect<u32, u32>>;

pub(super) struct Desk {
    pub(super) room: TestRoom,
    pub(super) out: Out,
    asked: u32,
}

pub(super) fn customer() -> Arc<Who> {
    Arc::new(Who {
        person: PersonId(1),
        role: Role::Customer,
        name: "Ann".into(),
        categories: [].into(),
        reachable: false,
        sight: crate::domain::who::Sight::default(),
    })
}

pub(super) fn agent(person: u64) -> Arc<Who> {
    Arc::new(Who {
        person: PersonId(person),
        role: Role::Agent,
        name: format!("Agent {person}").into(),
        categories: [CategoryId(1)].into(),
        reachable: true,
        sight: crate::domain::who::Sight::default(),
    })
}

impl Desk {
    pub(super) fn new() -> Desk {
        Desk { room: Room::new(TICKET), out: Vec::new(), asked: 0 }
    }

    /// An opened ticket with an agent, all durable.
    pub(super) fn talking() -> Desk {
        let mut desk = Desk::new();
        desk.open();
        desk.assign(2, 1);
        desk.sync();
        desk.out.clear();
        desk
    }

    pub(super) fn command(&mut self, who: &Arc<Who>, command: Command, yes: Yes) -> u32 {
        self.asked += 1;
        let question = Question { ask: self.asked, from: connection(who), who: who.clone(), yes };
        self.room.command(question, command, Time::from_ms(1_000), &mut self.out);
        self.asked
    }

    pub(super) fn open(&mut self) -> u32 {
        let command = Command::Open {
            category: CategoryId(1),
            category_name: "general".into(),
            priority: Priority::Normal,
            subject: "Help".into(),
            early_posts: false,
            phase: Phase::Live,
            skills: Vec::new(),
        };
        self.command(&customer(), command, Yes::Acknowledged(0))
    }

    pub(super) fn assign(&mut self, person: u64, round: u32) {
        let assign = Assign { round, routing: Routing::Automatic, wrap_up_s: 0, moved: None, attempt: 1 };
        self.room.assign(&agent(person), assign, Time::from_ms(1_000), &mut self.out);
    }

    pub(super) fn post(&mut self, who: &Arc<Who>, number: u32, text: &str) -> u32 {
        let command = Command::Post { stream: STREAM, number, text: text.into() };
        self.command(who, command, Yes::Acknowledged(number))
    }

    pub(super) fn advance(&mut self, who: &Arc<Who>, step: Step) -> u32 {
        self.command(who, Command::Advance { step, reason: String::new() }, Yes::Acknowledged(0))
    }

    pub(super) fn join(&mut self, who: &Arc<Who>, after: u32) -> u32 {
        self.asked += 1;
        let join = Join { who: who.clone(), to: connection(who), stream: STREAM, after };
        self.room.join(join, self.asked, Time::from_ms(1_000), &mut self.out);
        self.asked
    }

    pub(super) fn sync(&mut self) {
        self.room.synced(self.room.head(), &mut self.out);
    }

    /// What left the room since the last look, in words.
    pub(super) fn left(&mut self) -> Vec<String> {
        self.out.drain(..).filter_map(words).collect()
    }
}

/// Everybody has one connection, named after him.
pub(super) fn connection(who: &Who) -> u32 {
    who.person.0 as u32
}

fn words(effect: Effect<u32, u32>) -> Option<String> {
    Some(match effect {
        Effect::Append { first, events, .. } => format!("append {first}+{}", events.len()),
        Effect::Tell { to, seq, telling: Telling::Customer { place, sight }, .. } if place != seq => {
            format!("tell {} {place} for {seq} {sight:?}", to.to)
        }
        Effect::Tell { to, seq, telling: Telling::Customer { sight, .. } | Telling::Staff { sight }, .. } => {
            format!("tell {} {seq} {sight:?}", to.to)
        }
        Effect::Tell { to, seq, telling: Telling::Answered, .. } => format!("mark {} {seq} answered", to.to),
        Effect::Tell { to, seq, telling: Telling::Unseen, .. } => format!("mark {} {seq}", to.to),
        Effect::Show { to, frame } => format!("show {} {}", to.to, name(&frame)),
        Effect::ShowStaff { to, .. } => format!("show {} staff", to.to),
        Effect::Answer { ask, frame } => answer(ask, frame),
        Effect::Refuse { ask, refused } => format!("refuse {ask} {:?} {}", refused.refusal, refused.expected),
        Effect::Mark { ask, place, .. } => format!("read mark {ask} {place}"),
        Effect::Marked { ask } => format!("done {ask}"),
        Effect::ReadAside { ask, after, upto, .. } => format!("read aside {ask} {}..{}", after.seq, upto.seq),
        Effect::ReadBack { ask, before, .. } => format!("read back {ask} {before}"),
        Effect::CutOff { registration } => format!("cut off {}", registration.to),
        Effect::Register { registration } => format!("register {} at {}", registration.to, registration.told()),
        Effect::Unregister { registration } => format!("unregister {}", registration.to),
        Effect::Report(reported) => format!("report {:?} round {}", reported.facts.stage, reported.facts.round),
        Effect::NoTicket { .. } => "no ticket".into(),
        Effect::CrowdSoon => "crowd soon".into(),
        Effect::List { .. } => "list".into(),
        Effect::AssignRefused { refusal, .. } => format!("assign refused {refusal:?}"),
    })
}

fn answer(ask: u32, frame: ServerFrame) -> String {
    let page = |head: u32, more: bool, seqs: Vec<Option<u32>>| {
        let range = match (seqs.first(), seqs.last()) {
            (Some(Some(first)), Some(Some(last))) => format!("{first}-{last} "),
            _ => String::new(),
        };
        format!("page {ask} {range}({}) of {head}{}", seqs.len(), if more { " more" } else { "" })
    };
    match frame {
        ServerFrame::Public(PublicFrame::Acknowledged(a)) => format!("ack {ask} #{} at {}", a.number, a.seq),
        ServerFrame::Public(PublicFrame::Page(it)) => {
            let events = it.events.frames().expect("a page of ours decodes");
            page(it.head, it.more, events.into_iter().map(|event| seq_of(&event.into())).collect())
        }
        ServerFrame::Staff(StaffFrame::StaffPage(it)) => {
            let events = it.events.frames().expect("a page of ours decodes");
            page(it.head, it.more, events.iter().map(seq_of).collect())
        }
        ServerFrame::Public(frame) => format!("answer {ask} {}", name(&frame)),
        ServerFrame::Staff(_) => format!("answer {ask} staff"),
    }
}

/// The number of an event, out of its JSON form.
fn seq_of(frame: &ServerFrame) -> Option<u32> {
    let json: serde_json::Value = serde_json::from_str(&frame.to_json()).ok()?;
    json["seq"].as_u64().map(|seq| seq as u32)
}

fn name(frame: &PublicFrame) -> String {
    let kinds = PublicFrame::KINDS.iter();
    kinds.filter(|kind| kind.number == frame.kind()).map(|kind| kind.shape.name.to_owned()).collect()
}

/// C09: an acknowledgement waits for the disk, and so does everything that would show what it acknowledges.
#[test]
fn nothing_is_told_before_it_is_durable() {
    let mut desk = Desk::talking();
    desk.join(&agent(2), 0);
    desk.out.clear();
    desk.post(&customer(), 1, "hello");
    desk.post(&customer(), 1, "hello");
    desk.post(&customer(), 3, "skipped");
    assert_eq!(desk.left(), ["append 3+1"]);
    desk.sync();
    let told = ["tell 2 3 Others", "ack 3 #1 at 3", "ack 4 #1 at 3", "refuse 5 OutOfOrder 2"];
    assert_eq!(desk.left(), told);
}

/// C09, C10: a resume waits for what was decided before it, reads up to there and registers there; what follows is
/// told once.
#[test]
fn a_resume_sees_only_what_is_durable() {
    let mut desk = Desk::talking();
    desk.post(&customer(), 1, "one");
    desk.sync();
    let post = desk.post(&customer(), 2, "two");
    desk.out.clear();
    let ask = desk.join(&agent(2), 2);
    assert!(desk.left().is_empty());
    desk.sync();
    let page = ["register 2 at 4".to_owned(), "show 2 Joined".into(), format!("page {ask} 3-4 (2) of 4")];
    assert_eq!(desk.left(), [&[format!("ack {post} #2 at 4")], &page[..]].concat());
    let next = desk.post(&customer(), 3, "three");
    desk.out.clear();
    desk.sync();
    assert_eq!(desk.left(), ["tell 2 5 Others".to_owned(), format!("ack {next} #3 at 5")]);
}

/// C08, C11: the sending connection hears of its post by the acknowledgement alone, the author's others as their own.
#[test]
fn the_sender_is_answered_and_not_told() {
    let mut desk = Desk::talking();
    desk.join(&customer(), 0);
    desk.join(&agent(2), 0);
    desk.out.clear();
    let ask = desk.post(&customer(), 1, "hello");
    desk.sync();
    // The mark comes last: who fell before it tells once more, not once less.
    let answer = [format!("ack {ask} #1 at 3"), "mark 1 3 answered".into()];
    assert_eq!(desk.left(), [&["append 3+1".to_owned(), "tell 2 3 Others".into()], &answer[..]].concat());
}

/// Promise 3: a starting room tells those who hear it what was durable and not told.
#[test]
fn a_new_instance_tells_what_the_old_one_did_not() {
    let mut old = Desk::talking();
    old.join(&agent(2), 2);
    let registration = old.room.listeners[0].clone();
    old.post(&customer(), 1, "written, never told");
    let mut new = Desk::new();
    for event in &old.room.tail {
        assert!(new.room.replay((**event).clone()));
    }
    new.room.wake(vec![registration], Time::from_ms(1_000), &mut new.out);
    assert_eq!(new.left(), ["tell 2 3 Others", "report Assigned round 1"]);
}

/// C02: who lost the right to read while the room told nobody hears nothing of what came after.
#[test]
fn a_new_instance_tells_nothing_to_who_may_not_read_any_more() {
    let mut old = Desk::talking();
    old.join(&agent(2), 2);
    let registration = old.room.listeners[0].clone();
    old.advance(&agent(2), Step::Requeue);
    old.assign(3, 2);
    old.post(&customer(), 1, "for the next agent alone");
    let mut new = Desk::new();
    for event in &old.room.tail {
        assert!(new.room.replay((**event).clone()));
    }
    new.room.wake(vec![registration], Time::from_ms(1_000), &mut new.out);
    assert_eq!(new.left(), ["unregister 2", "report Assigned round 2"]);
}

/// C10: what lies below the tail is read aside, and only a page out of the tail registers.
#[test]
fn an_old_page_is_read_aside() {
    let mut desk = Desk::talking();
    for number in 1..=1_000 {
        desk.post(&customer(), number, "x");
    }
    desk.sync();
    desk.out.clear();
    let ask = desk.join(&agent(2), 5);
    assert_eq!(desk.left(), [format!("read aside {ask} 5..1002")]);
    let ask = desk.join(&agent(2), 600);
    assert_eq!(desk.left(), [format!("page {ask} 601-800 (200) of 1002 more")]);
    let ask = desk.join(&agent(2), FROM_NEWEST);
    assert_eq!(desk.left()[2..], [format!("page {ask} 803-1002 (200) of 1002")]);
}

/// C10: who has seen more than the log holds is told so.
#[test]
fn a_client_beyond_the_head_is_told() {
    let mut desk = Desk::talking();
    let ask = desk.join(&agent(2), 3);
    assert_eq!(desk.left(), [format!("refuse {ask} Ahead 0")]);
}

/// A01, C02: a ticket that is not yours answers exactly like one that does not exist.
#[test]
fn a_strangers_ticket_does_not_exist() {
    let stranger = Arc::new(Who { person: PersonId(9), ..(*customer()).clone() });
    let mut real = Desk::talking();
    let mut none = Desk::new();
    for desk in [&mut real, &mut none] {
        desk.asked = 10;
        desk.join(&stranger, 0);
        desk.post(&stranger, 1, "let me in");
        desk.advance(&stranger, Step::Close);
        let ask = desk.asked;
        desk.room.read_back(&stranger, 5, ask, &mut desk.out);
    }
    assert_eq!(real.left(), none.left());
}

/// B15: an assignment is a compare-and-set on the round; a repeat is answered, another era is not heard.
#[test]
fn an_assignment_of_another_round_is_refused() {
    let mut desk = Desk::talking();
    desk.assign(2, 1);
    assert_eq!(desk.left(), ["report Assigned round 1"]);
    desk.assign(3, 1);
    assert_eq!(desk.left(), ["assign refused Taken"]);
    desk.advance(&agent(2), Step::Requeue);
    desk.sync();
    assert!(desk.left().contains(&"report Waiting round 2".to_owned()));
    desk.assign(3, 1);
    assert_eq!(desk.left(), ["assign refused Taken"]);
    desk.room.heed(1);
    desk.assign(3, 2);
    assert_eq!(desk.left(), Vec::<String>::new());
}

/// A22: who loses a ticket loses its room in the same step.
#[test]
fn an_agent_who_gives_a_ticket_back_hears_it_no_longer_once_another_has_it() {
    let mut desk = Desk::talking();
    desk.join(&agent(2), 2);
    desk.advance(&agent(2), Step::Requeue);
    desk.assign(3, 2);
    desk.out.clear();
    desk.sync();
    let left = desk.left();
    assert!(left.contains(&"tell 2 4 Others".to_owned()), "{left:?}");
    assert!(left.contains(&"unregister 2".to_owned()), "{left:?}");
    desk.post(&agent(3), 1, "hello");
    desk.sync();
    assert!(!desk.left().iter().any(|line| line.starts_with("tell 2")));
}

/// C07, D02: posts follow the stage.
#[test]
fn posting_before_assignment_and_after_the_end_is_refused() {
    let mut desk = Desk::new();
    desk.open();
    desk.post(&customer(), 1, "too early");
    desk.assign(2, 1);
    desk.post(&customer(), 1, "in time");
    desk.post(&customer(), 2, "  ");
    desk.advance(&agent(2), Step::Pend);
    desk.post(&customer(), 2, "takes it out of pending");
    desk.advance(&customer(), Step::Close);
    desk.post(&agent(2), 1, "too late");
    desk.post(&customer(), 1, "in time");
    desk.sync();
    let left = desk.left();
    let refused: Vec<&String> = left.iter().filter(|line| line.starts_with("refuse")).collect();
    assert_eq!(refused, ["refuse 2 NotYetAssigned 0", "refuse 4 EmptyText 0", "refuse 8 IllegalStep 0"]);
    let stages: Vec<&String> = left.iter().filter(|line| line.starts_with("report")).collect();
    let expected = ["Waiting", "Assigned", "Pending", "Assigned", "Closed"].map(|s| format!("report {s} round 1"));
    assert_eq!(stages, expected.iter().collect::<Vec<_>>());
    assert!(left.contains(&"ack 9 #1 at 3".to_owned()), "a repeat is answered after the end too: {left:?}");
}

/// C12: presence and typing reach the others only.
#[test]
fn who_comes_goes_and_types_is_seen_by_the_others() {
    let mut desk = Desk::talking();
    desk.join(&customer(), 2);
    desk.out.clear();
    desk.join(&agent(2), 2);
    let shown = desk.left();
    assert_eq!(shown[1..4], ["show 2 Joined", "show 2 Presence", "show 1 Presence"]);
    for now in [5_000, 5_500, 6_000] {
        desk.room.typing(&agent(2), Typing::Post, Time::from_ms(now), &mut desk.out);
    }
    assert_eq!(desk.left(), ["show 1 TypingNow", "show 1 TypingNow"], "at most one a second");
    desk.room.listeners.iter().filter(|one| one.to == 2).for_each(|one| one.end());
    desk.room.left(PersonId(2), Time::from_ms(7_000), &mut desk.out);
    assert_eq!(desk.left(), ["show 1 Presence"]);
}

/// A repeat of an opening is answered, another's with the same id is not.
#[test]
fn a_ticket_is_opened_once() {
    let mut desk = Desk::new();
    desk.open();
    desk.open();
    desk.sync();
    assert_eq!(desk.left(), ["append 1+1", "report Waiting round 1", "ack 1 #0 at 1", "ack 2 #0 at 1"]);
    assert_eq!(desk.room.ticket.as_ref().map(|ticket| ticket.outline().facts().stage), Some(StageName::Waiting));
    let other = Arc::new(Who { person: PersonId(9), ..(*customer()).clone() });
    let command = Command::Advance { step: Step::Abandon, reason: String::new() };
    let ask = desk.command(&other, command, Yes::Acknowledged(0));
    assert_eq!(desk.left(), [format!("refuse {ask} {:?} 0", Refusal::UnknownTicket)]);
}
