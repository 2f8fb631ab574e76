//! People, texts and logs as the benches use them: the same on every run.

use std::sync::Arc;

use deskwire::domain::event::{Advanced, Assigned, CategoryId, Event, Opened, Posted, SkillList};
use deskwire::domain::ticket::Ticket;
use deskwire::domain::who::{Sight, Who};
use deskwire_loadtest::text::Mark;
use deskwire_protocol::{PersonId, Phase, Priority, Role, Routing, StageName, Step, StreamId, TicketId, Time};

/// Bytes of a text, as the load client says them.
pub const TEXT_BYTES: usize = 100;
/// The category of every ticket.
pub const CATEGORY: CategoryId = CategoryId(1);
/// The stream of the customer of a ticket.
pub const CUSTOMERS: StreamId = StreamId(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
/// The stream of its agent.
pub const AGENTS: StreamId = StreamId(0xfedc_ba98_7654_3210_fedc_ba98_7654_3210);
/// When everything begins, in milliseconds since 1970.
pub const BEGIN_MS: u64 = 1_795_000_000_000;

/// A customer.
pub fn customer(number: u64) -> Arc<Who> {
    person(number, Role::Customer, "Ann Example", &[])
}

/// An agent of the category.
pub fn agent(number: u64) -> Arc<Who> {
    person(number, Role::Agent, "Bob Example", &[CATEGORY])
}

/// Who oversees all.
pub fn supervisor(number: u64) -> Arc<Who> {
    person(number, Role::Supervisor, "Sam Example", &[])
}

fn person(number: u64, role: Role, name: &str, categories: &[CategoryId]) -> Arc<Who> {
    let (person, sight) = (PersonId(number), Sight::default());
    Arc::new(Who { person, role, name: name.into(), categories: categories.into(), reachable: false, sight })
}

/// A text of the load client.
pub fn text(number: u32) -> String {
    Mark { run: 7, chat: 1, side: 0, ordinal: number, due_us: 1_000 * u64::from(number) }.text(TEXT_BYTES)
}

/// A moment after the beginning.
pub fn at(seq: u32) -> Time {
    Time::from_ms(BEGIN_MS + 1_000 * u64::from(seq))
}

/// A ticket begins; its customer need not wait for an agent to speak.
pub fn opened() -> Event {
    Event::Opened(Opened {
        at: at(1),
        person: PersonId(1),
        name: "Ann Example".into(),
        category: CATEGORY,
        category_name: "general".into(),
        priority: Priority::Normal,
        subject: "The printer on the second floor".into(),
        early_posts: true,
        phase: Phase::Live,
        reachable: false,
        skills: SkillList::default(),
    })
}

/// The agent with number 2 has it.
pub fn assigned(seq: u32) -> Event {
    Event::Assigned(Assigned {
        at: at(seq),
        agent: PersonId(2),
        name: "Bob Example".into(),
        role: Role::Agent,
        member: 1,
        round: 1,
        routing: Routing::Automatic,
        wrap_up_s: 0,
    })
}

/// It is over.
pub fn closed(seq: u32) -> Event {
    let (step, stage) = (Step::Close, StageName::Closed);
    Event::Advanced(Advanced { at: at(seq), author: 1, step, stage, reason: "solved".into() })
}

/// The n-th post of a talk in which both speak in turn, the customer first.
pub fn posted(seq: u32, nth: u32) -> Event {
    let (author, stream) = if nth % 2 == 1 { (0, CUSTOMERS) } else { (1, AGENTS) };
    Event::Posted(Posted { at: at(seq), author, stream, number: nth.div_ceil(2), text: text(nth) })
}

/// The log of a ticket that an agent has, with so many events.
pub fn talk(events: u32) -> impl Iterator<Item = Event> {
    [opened(), assigned(2)].into_iter().chain((3..=events).map(|seq| posted(seq, seq - 2)))
}

/// The log of a ticket that waits, its customer alone speaking.
pub fn monologue(events: u32) -> impl Iterator<Item = Event> {
    let post = |seq: u32| {
        Event::Posted(Posted { at: at(seq), author: 0, stream: CUSTOMERS, number: seq - 1, text: text(seq) })
    };
    [opened()].into_iter().chain((2..=events).map(post))
}

/// The fold of a log.
pub fn ticket(mut log: impl Iterator<Item = Event>) -> Ticket {
    let first = log.next().expect("a log has a first event");
    let mut ticket = Ticket::begin(TicketId(1), &first).expect("it begins with an opening");
    log.for_each(|event| ticket.apply(&event));
    ticket
}
