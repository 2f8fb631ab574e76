//! Silence, for whatever is said and in whatever order: what is due, when, and how often.

use deskwire_protocol::{PersonId, Priority, Role, Routing, StreamId, TicketId};
use proptest::prelude::*;

use super::*;
use crate::domain::event::{Assigned, CategoryId, Opened, Posted, SkillList};

const PATIENCE: Patience = Patience { customer_ms: 100, close_ms: 50, agent_ms: 60, escalate_ms: 40, requeue_ms: 30 };

fn at(ms: u64) -> Time {
    Time::from_ms(ms)
}

/// A ticket that an agent has since 1,000.
struct Talk {
    ticket: Ticket,
    now: u64,
    posts: u32,
    began: Time,
    /// What the engine did, and when.
    did: Vec<(u64, Due)>,
}

impl Talk {
    fn new() -> Talk {
        let opened = Event::Opened(Opened {
            at: at(1_000),
            person: PersonId(1),
            name: "Carl".into(),
            category: CategoryId(1),
            category_name: "general".into(),
            priority: Priority::Normal,
            subject: String::new(),
            early_posts: false,
            phase: Phase::Live,
            reachable: false,
            skills: SkillList(Vec::new()),
        });
        let ticket = Ticket::begin(TicketId(7), &opened).unwrap();
        let mut talk = Talk { ticket, now: 1_000, posts: 0, began: at(0), did: Vec::new() };
        talk.assign(2);
        talk
    }

    fn assign(&mut self, agent: u64) {
        let round = self.ticket.outline().facts().round;
        let (member, name) = (self.ticket.outline().members().len() as u16, "Alice".to_owned());
        let (agent, role, routing) = (PersonId(agent), Role::Agent, Routing::Automatic);
        let wrap_up_s = 0;
        self.ticket.apply(&Event::Assigned(Assigned {
            at: at(self.now),
            agent,
            name,
            role,
            member,
            round,
            routing,
            wrap_up_s,
        }));
    }

    fn says(&mut self, author: u16) {
        self.posts += 1;
        let (stream, number) = (StreamId(u128::from(author)), self.posts);
        self.ticket.apply(&Event::Posted(Posted { at: at(self.now), author, stream, number, text: "word".into() }));
    }

    fn step(&mut self, step: Step) {
        let stage = lifecycle::next(self.ticket.outline().facts().stage, Act::Step(step)).unwrap();
        let (author, reason) = (1, String::new());
        self.ticket.apply(&Event::Advanced(Advanced { at: at(self.now), author, step, stage, reason }));
    }

    /// Time passes, millisecond by millisecond, and all that falls due is done.
    fn pass(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now += 1;
            while let Some((due, event)) = self.ticket.decide_silence(&PATIENCE, "there?", self.began, at(self.now)) {
                self.did.push((self.now, due));
                self.ticket.apply(&event);
            }
        }
    }

    fn stage(&self) -> StageName {
        self.ticket.outline().facts().stage
    }
}

/// B28: a silent customer is reminded once, then the ticket is closed; a word of his ends that.
#[test]
fn a_silent_customer_is_reminded_and_then_the_ticket_is_closed() {
    let mut talk = Talk::new();
    talk.pass(500);
    assert_eq!(talk.did, [], "nobody has asked him anything");
    talk.says(1);
    talk.pass(120);
    assert_eq!(talk.did, [(1_600, Due::Remind)]);
    talk.says(0);
    talk.pass(59);
    assert_eq!(talk.did.len(), 1, "his word ends it, and now the agent is to answer");
    talk.says(1);
    talk.pass(150);
    assert_eq!(talk.did[1..], [(1_779, Due::Remind), (1_829, Due::Close)]);
    assert_eq!(talk.stage(), StageName::Closed);
    talk.pass(500);
    assert_eq!(talk.did.len(), 3);
}

/// B28: a silent agent is warned, then the supervisors are told, then the ticket goes back; the next has his own time.
#[test]
fn a_silent_agent_is_warned_and_then_told_of_and_then_loses_the_ticket() {
    let mut talk = Talk::new();
    talk.says(0);
    talk.pass(30);
    talk.says(0);
    talk.pass(100);
    assert_eq!(talk.did, [(1_060, Due::Warn), (1_100, Due::Escalate), (1_130, Due::Requeue)], "from the first word on");
    assert_eq!(talk.stage(), StageName::Waiting);
    talk.pass(500);
    talk.assign(3);
    talk.pass(60);
    assert_eq!(talk.did[3..], [(1_690, Due::Warn)]);
    talk.says(2);
    talk.pass(99);
    assert_eq!(talk.did.len(), 4, "he answered");
}

/// B28, B26: what is set aside is not minded, nor correspondence; a restart gives everybody his full time.
#[test]
fn what_is_set_aside_is_not_minded_and_a_restart_is_no_silence() {
    let mut talk = Talk::new();
    talk.says(1);
    talk.pass(90);
    talk.step(Step::Hold);
    talk.pass(500);
    assert_eq!(talk.did, []);
    talk.step(Step::Resume);
    talk.pass(99);
    assert_eq!(talk.did, [], "begun anew");
    talk.pass(1);
    assert_eq!(talk.did.len(), 1);
    talk.says(0);
    talk.step(Step::Pend);
    talk.pass(99);
    assert_eq!(talk.did.len(), 1, "whoever waits for the customer owes him nothing");
    talk.pass(1);
    assert_eq!(talk.did[1].1, Due::Remind);
    talk.now += 10_000;
    talk.began = at(talk.now);
    talk.pass(49);
    assert_eq!(
        (talk.did.len(), talk.stage()),
        (2, StageName::Pending),
        "nobody could answer while the engine was down"
    );
    talk.pass(1);
    assert_eq!(talk.stage(), StageName::Closed);

    let mut talk = Talk::new();
    talk.says(1);
    let (author, phase, reason) = (0, Phase::Asynchronous, String::new());
    talk.ticket.apply(&Event::PhaseChanged(crate::domain::event::PhaseChanged {
        at: at(1_000),
        author,
        phase,
        reason,
    }));
    talk.pass(1_000);
    assert_eq!(talk.did, []);
}

/// What happens in a talk.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Says(u16),
    Passes(u64),
    Restart,
}

fn any_happens() -> impl Strategy<Value = Happens> {
    prop_oneof![(0_u16..2).prop_map(Happens::Says), (1_u64..80).prop_map(Happens::Passes), Just(Happens::Restart),]
}

proptest! {
    /// B28: whatever is said, nobody is closed out who was not reminded and given his time since, and none loses a
    /// ticket of which supervisors were not told; asked at the time that it named or at least every shortest silence, a
    /// room misses nothing.
    #[test]
    fn whatever_is_said_nothing_falls_due_early_or_unasked(all in prop::collection::vec(any_happens(), 1..40)) {
        let mut talk = Talk::new();
        // As the queue asks: `next` is when it asks again.
        let (mut asked, mut next, shortest) = (Vec::new(), 0, PATIENCE.shortest_ms().unwrap());
        for happens in all {
            if matches!(talk.stage(), StageName::Closed | StageName::Waiting) {
                break;
            }
            match happens {
                Happens::Says(author) => talk.says(author),
                Happens::Restart => (talk.began, next) = (at(talk.now), talk.now + shortest),
                Happens::Passes(ms) => for _ in 0..ms {
                    let due = talk.ticket.silence_due(&PATIENCE, talk.began);
                    talk.pass(1);
                    if talk.now >= next {
                        asked.push(talk.now);
                        let then = talk.ticket.silence_due(&PATIENCE, talk.began).map(|(at, _)| at.ms());
                        next = then.unwrap_or(u64::MAX).max(talk.now + 1).min(talk.now + shortest);
                    } else if let Some((at, due)) = due.filter(|(at, _)| at.ms() <= talk.now) {
                        prop_assert!(false, "{due:?} was due at {at:?} and nobody asked; asked {asked:?}, next {next}");
                    }
                },
            }
        }
        for pair in talk.did.windows(2) {
            let ((first_at, first), (then_at, then)) = (pair[0], pair[1]);
            match then {
                Due::Close => prop_assert!(first == Due::Remind && then_at >= first_at + PATIENCE.close_ms),
                Due::Escalate => prop_assert!(first == Due::Warn && then_at >= first_at + PATIENCE.escalate_ms),
                Due::Requeue => prop_assert!(first == Due::Escalate && then_at >= first_at + PATIENCE.requeue_ms),
                Due::Remind | Due::Warn => {}
            }
        }
        let orphans = [Due::Close, Due::Escalate, Due::Requeue];
        prop_assert!(talk.did.first().is_none_or(|(_, due)| !orphans.contains(due)));
    }
}
