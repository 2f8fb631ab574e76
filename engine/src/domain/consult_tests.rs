//! The rules of consulting: how many, for how long, and that the owner stays the owner.

use deskwire_protocol::{Phase, Priority, Routing, StageName, Step, StreamId, TicketId};

use super::*;
use crate::domain::handing::Handing;
use crate::domain::ticket::Command;
use crate::domain::who::Sight;

fn now() -> Time {
    Time::from_ms(1_000)
}

fn person(id: u64, role: Role) -> Arc<Who> {
    Arc::new(Who {
        person: PersonId(id),
        role,
        name: format!("Person {id}").into(),
        categories: if role == Role::Agent { [CategoryId(1)].into() } else { [].into() },
        reachable: false,
        sight: Sight::default(),
    })
}

fn customer() -> Arc<Who> {
    person(1, Role::Customer)
}

fn agent(id: u64) -> Arc<Who> {
    person(id, Role::Agent)
}

struct Case(Ticket);

impl Case {
    /// A ticket that agent 2 has.
    fn assigned() -> Case {
        let open = Command::Open {
            category: CategoryId(1),
            category_name: "general".into(),
            priority: Priority::Normal,
            subject: "Help".into(),
            early_posts: false,
            phase: Phase::Live,
            skills: Vec::new(),
            first: None,
            turned_away: None,
        };
        let Ok(Decision::Events(events)) = Ticket::decide_first(&customer(), open, now()) else { panic!("it opens") };
        let mut case = Case(Ticket::begin(TicketId(7), &events[0]).unwrap());
        case.assign(2);
        case
    }

    fn act(&mut self, who: &Who, command: Command) -> Result<usize, Refusal> {
        match self.0.decide(who, command, now()) {
            Ok(Decision::Events(events)) => {
                events.iter().for_each(|event| self.0.apply(event));
                Ok(events.len())
            }
            Ok(Decision::Already | Decision::Repeat(_) | Decision::TurnedAway(_)) => Ok(0),
            Err(refused) => Err(refused.refusal),
        }
    }

    fn assign(&mut self, id: u64) {
        let (round, routing) = (self.0.facts().round, Routing::Automatic);
        self.act(&agent(id), Command::Assign { round, routing, wrap_up_s: 0, moved: None }).unwrap();
    }

    fn consult(&mut self, who: &Who, guest: &Arc<Who>, manner: ConsultManner) -> Result<usize, Refusal> {
        let wish = Consult { person: guest.person, guest: Some(guest.clone()), manner, reason: String::new() };
        self.act(who, Command::Hand(Handing::Consult(wish)))
    }

    fn advance(&mut self, step: Step) {
        self.act(&agent(2), Command::Advance { step, reason: String::new() }).unwrap();
    }

    fn post(&mut self, who: &Who) -> Result<usize, Refusal> {
        let (stream, text) = (StreamId(u128::from(who.person.0)), "hello".into());
        self.act(who, Command::Post { stream, number: 1, text })
    }

    fn reads(&self, who: &Who) -> bool {
        self.0.outline().may_read(who)
    }
}

use ConsultManner::{End, Notes, Talk};

/// B32: asked into the notes he reads; into the talk he is a member who posts; ended he reads nothing; the owner stays.
#[test]
fn a_colleague_reads_or_talks_as_he_is_asked_to_and_no_longer() {
    let mut case = Case::assigned();
    let (owner, guest) = (agent(2), agent(3));
    assert!(!case.reads(&guest));
    assert_eq!(case.consult(&owner, &guest, Notes), Ok(1));
    assert!(case.reads(&guest));
    assert_eq!(case.post(&guest), Err(Refusal::UnknownTicket), "he is no member");
    assert_eq!(case.consult(&owner, &guest, Notes), Ok(0), "twice is once");
    assert_eq!(case.consult(&owner, &guest, Talk), Ok(2), "and he is a member");
    assert_eq!(case.post(&guest), Ok(1));
    assert_eq!(case.consult(&owner, &guest, Notes), Err(Refusal::CannotConsult));
    assert_eq!(case.consult(&guest, &guest, End), Ok(1), "he leaves");
    assert_eq!(case.consult(&owner, &guest, End), Ok(0));
    assert!(!case.reads(&guest));
    assert_eq!(case.consult(&guest, &guest, End), Err(Refusal::UnknownTicket));
    assert_eq!(case.consult(&owner, &guest, Talk), Ok(1), "he is a member already");
    let facts = case.0.facts();
    assert_eq!((facts.owner(), facts.round, facts.stage), (Some(owner.person), 1, StageName::Assigned));
}

/// B32, A22: what ends it by itself.
#[test]
fn it_ends_with_the_ownership_it_was_asked_under() {
    let guest = agent(3);
    let stranger = Arc::new(Who { categories: [].into(), ..Who::clone(&guest) });
    let cases: [Ending; 4] = [
        ("back to the queue", |case| case.advance(Step::Requeue), false),
        ("over", |case| case.advance(Step::Close), false),
        ("his own", |case| case.0.apply(&to(3)), true),
        ("another's", |case| case.0.apply(&to(4)), true),
    ];
    for (name, ends, reads) in cases {
        let mut case = Case::assigned();
        assert_eq!(case.consult(&agent(2), &guest, Notes), Ok(1));
        ends(&mut case);
        assert_eq!(case.reads(&stranger), reads, "{name}");
        assert_eq!(case.0.facts().hands.consulted.is_empty(), name != "another's", "{name}");
    }
}

/// What happens, how, and whether a colleague of other categories reads the ticket then.
type Ending = (&'static str, fn(&mut Case), bool);

/// The ticket goes to somebody without waiting.
fn to(id: u64) -> Event {
    let (agent, name, role, routing) = (PersonId(id), String::new(), Role::Agent, Routing::Transferred);
    super::super::event::Assigned { at: now(), agent, name, role, member: 2, round: 1, routing, wrap_up_s: 0 }.into()
}

/// B32: a supervisor who joins the talk of himself needs no invitation into the notes any more, and is seen.
#[test]
fn who_takes_part_is_asked_into_nothing() {
    let (mut case, supervisor) = (Case::assigned(), person(9, Role::Supervisor));
    assert_eq!(case.consult(&agent(2), &supervisor, Notes), Ok(1));
    assert_eq!(case.act(&supervisor, Command::TakePart), Ok(1));
    assert_eq!(case.0.outline().seen_as(supervisor.person), Some(2));
    assert_eq!(case.consult(&agent(2), &supervisor, Talk), Err(Refusal::CannotConsult));
}

/// The limit CONSULTED_PER_TICKET_MAX at its edge.
#[test]
fn so_many_colleagues_are_asked_into_a_ticket_and_no_more() {
    let (mut case, owner) = (Case::assigned(), agent(2));
    for id in 0..CONSULTED_PER_TICKET_MAX as u64 {
        assert_eq!(case.consult(&owner, &agent(10 + id), Notes), Ok(1));
    }
    assert_eq!(case.consult(&owner, &agent(99), Notes), Err(Refusal::ConsultsFull));
    assert_eq!(case.consult(&owner, &agent(10), Talk), Ok(2), "one of them");
    assert_eq!(case.consult(&owner, &agent(11), End), Ok(1));
    assert_eq!(case.consult(&owner, &agent(99), Notes), Ok(1));
}

/// B32: the end of a consultation takes a place in the log that its beginning has paid for.
#[test]
fn an_end_is_never_refused_for_want_of_a_place() {
    let (mut case, owner, guest) = (Case::assigned(), agent(2), agent(3));
    let mut last = Ok(1);
    while last == Ok(1) {
        last = case.consult(&owner, &guest, Notes);
        if last == Ok(1) {
            assert_eq!(case.consult(&owner, &guest, End), Ok(1));
        }
    }
    assert_eq!(last, Err(Refusal::NotesFull));
}
