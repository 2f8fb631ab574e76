//! The delivery rule of a client, frame by frame, without a socket.

use deskwire_loadtest::client::delivery::{Delivery, Phase};
use deskwire_loadtest::client::effect::Effect;
use deskwire_protocol::kinds::{Acknowledged, Joined, Message, OwnMessage, Page, Refused};
use deskwire_protocol::{Batch, ClientFrame, PublicFrame, Refusal, StageName, StreamId, TicketId, Time};

const TICKET: TicketId = TicketId(7);

/// A client and what it wanted done since the last look.
struct Client {
    delivery: Delivery,
    now: u64,
    out: Vec<Effect>,
}

impl Client {
    fn live() -> Client {
        let mut client = Client { delivery: Delivery::new(TICKET, 1), now: 1_000, out: Vec::new() };
        client.delivery.connected(client.now, &mut client.out);
        client.joined(0, 0);
        client.page(0, false, &[]);
        assert_eq!(client.delivery.phase(), Phase::Live);
        client.out.clear();
        client
    }

    fn hear(&mut self, frame: impl Into<PublicFrame>) -> Vec<Effect> {
        self.delivery.hear(frame.into(), self.now, &mut self.out);
        std::mem::take(&mut self.out)
    }

    fn tick(&mut self) -> Vec<Effect> {
        self.delivery.tick(self.now, 32, &mut self.out);
        std::mem::take(&mut self.out)
    }

    fn say(&mut self, texts: &[&str]) -> Vec<Effect> {
        for (tag, text) in (1..).zip(texts) {
            self.delivery.say((*text).into(), tag);
        }
        self.tick()
    }

    fn stream(&self) -> StreamId {
        self.delivery.outgoing().stream()
    }

    fn joined(&mut self, head: u32, stream_head: u32) -> Vec<Effect> {
        let (stage, category, subject) = (StageName::Assigned, "general".into(), String::new());
        self.hear(Joined { ticket: TICKET, head, stage, category, subject, members: vec![], stream_head })
    }

    fn page(&mut self, head: u32, more: bool, events: &[PublicFrame]) -> Vec<Effect> {
        let mut batch = Batch::default();
        events.iter().for_each(|event| batch.push(event));
        self.hear(Page { ticket: TICKET, head, more, events: batch })
    }

    fn refuse(&mut self, number: u32, code: Refusal, retry_ms: u32, expected: u32) -> Vec<Effect> {
        let (code, detail) = (code.number(), String::new());
        self.hear(Refused { request: 0, ticket: TICKET, number, code, retry_ms, expected, detail })
    }

    fn own(&self, seq: u32, stream: StreamId, number: u32, text: &str) -> PublicFrame {
        let at = Time::default();
        OwnMessage { ticket: TICKET, seq, at, author: 0, stream, number, text: text.into() }.into()
    }

    /// Goes away and comes back; says what the join asked for.
    fn come_back(&mut self) -> Vec<Effect> {
        self.delivery.disconnected();
        self.delivery.connected(self.now, &mut self.out);
        std::mem::take(&mut self.out)
    }
}

fn message(seq: u32) -> PublicFrame {
    Message { ticket: TICKET, seq, at: Time::default(), author: 1, text: format!("text {seq}") }.into()
}

fn acknowledged(number: u32, seq: u32) -> PublicFrame {
    Acknowledged { ticket: TICKET, number, seq, at: Time::default() }.into()
}

/// The effects in short: `post 1 a`, `join after 3`, `event 2`, …
fn short(effects: &[Effect]) -> Vec<String> {
    let one = |effect: &Effect| match effect {
        Effect::Send(ClientFrame::Post(post)) => format!("post {} {}", post.number, post.text),
        Effect::Send(ClientFrame::Join(join)) => format!("join after {}", join.after),
        Effect::Send(frame) => format!("send {frame:?}"),
        Effect::Event { seq, .. } => format!("event {seq}"),
        Effect::Own { seq, text, .. } => format!("own {seq} {text}"),
        Effect::Acknowledged { tag, number, seq, .. } => format!("acknowledged {tag}: {number} at {seq}"),
        Effect::PutOff { code, after_ms } => format!("put off {code} after {after_ms}"),
        Effect::Refused { tag, code } => format!("refused {tag}: {code}"),
        Effect::Joined(_) => "joined".into(),
        Effect::Live => "live".into(),
        Effect::Failed(code) => format!("failed {code}"),
        Effect::Restarted => "restarted".into(),
        Effect::Breach(breach) => format!("{breach:?}"),
    };
    effects.iter().map(one).collect()
}

#[track_caller]
fn check(effects: &[Effect], expected: &[&str]) {
    assert_eq!(short(effects), expected);
}

/// C08.
#[test]
fn posts_carry_the_numbers_of_their_stream_and_are_settled_by_their_acknowledgement() {
    let mut client = Client::live();
    check(&client.say(&["a", "b"]), &["post 1 a", "post 2 b"]);
    check(&client.hear(acknowledged(1, 1)), &["acknowledged 1: 1 at 1", "own 1 a"]);
    check(&client.hear(acknowledged(2, 2)), &["acknowledged 2: 2 at 2", "own 2 b"]);
    assert_eq!(client.delivery.seen(), 2);
    assert_eq!(client.delivery.due(), None);
}

#[test]
fn an_own_message_counts_as_the_acknowledgement_and_either_may_come_first() {
    let mut client = Client::live();
    client.say(&["a", "b"]);
    let own = client.own(1, client.stream(), 1, "a");
    check(&client.hear(own), &["acknowledged 1: 1 at 1", "event 1"]);
    check(&client.hear(acknowledged(1, 1)), &[]);
    check(&client.hear(acknowledged(2, 2)), &["acknowledged 2: 2 at 2", "own 2 b"]);
    let own = client.own(2, client.stream(), 2, "b");
    check(&client.hear(own.clone()), &[]);
    check(&client.hear(own), &["Repeated { seq: 2 }"]);
}

#[test]
fn an_acknowledgement_may_overtake_the_events_before_it_but_not_for_long() {
    let mut client = Client::live();
    client.say(&["a", "b"]);
    check(&client.hear(acknowledged(1, 2)), &["acknowledged 1: 1 at 2"]);
    check(&client.hear(message(1)), &["event 1", "own 2 a"]);
    check(&client.hear(acknowledged(2, 4)), &["acknowledged 2: 2 at 4"]);
    client.now += 1_000;
    check(&client.tick(), &["Gap { expected: 3, got: 4 }", "join after 2"]);
}

#[test]
fn at_most_a_window_is_underway_and_what_the_budget_forbids_waits() {
    let mut client = Client::live();
    let texts: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    for text in &texts {
        client.delivery.say(text.as_str().into(), 0);
    }
    client.delivery.tick(client.now, 3, &mut client.out);
    assert_eq!(std::mem::take(&mut client.out).len(), 3);
    assert_eq!(client.tick().len(), 29);
    assert_eq!(client.tick().len(), 0);
    client.hear(acknowledged(1, 1));
    check(&client.tick(), &["post 33 32"]);
}

/// Promise 2: from the oldest unacknowledged, after 5 s and after every resume.
#[test]
fn what_is_unacknowledged_goes_again_in_order() {
    let mut client = Client::live();
    client.say(&["a", "b", "c"]);
    client.hear(acknowledged(1, 1));
    client.now += 4_999;
    check(&client.tick(), &[]);
    client.now += 1;
    check(&client.tick(), &["post 2 b", "post 3 c"]);
    check(&client.come_back(), &["join after 1"]);
    check(&client.joined(2, 2), &["joined"]);
    let own = client.own(2, client.stream(), 2, "b");
    check(&client.page(2, false, &[own]), &["acknowledged 2: 2 at 2", "event 2", "live"]);
    check(&client.tick(), &["post 3 c"]);
}

#[test]
fn after_busy_at_a_number_it_and_all_later_ones_go_again_when_told() {
    let mut client = Client::live();
    client.say(&["a", "b", "c"]);
    check(&client.refuse(2, Refusal::Busy, 100, 0), &["put off 201 after 0"]);
    client.now += 99;
    check(&client.tick(), &[]);
    client.hear(acknowledged(1, 1));
    client.now += 1;
    check(&client.tick(), &["post 2 b", "post 3 c"]);
}

#[test]
fn a_burst_of_refusals_is_answered_once() {
    let mut client = Client::live();
    client.say(&["a", "b", "c", "d"]);
    client.refuse(1, Refusal::Again, 0, 0);
    (2..=4).for_each(|number| assert!(client.refuse(number, Refusal::OutOfOrder, 0, 1).is_empty()));
    client.now += 20;
    check(&client.tick(), &["post 1 a", "post 2 b", "post 3 c", "post 4 d"]);
}

#[test]
fn another_stream_is_taken_only_after_the_log_was_asked_for_the_old_one() {
    for code in [Refusal::StreamConflict, Refusal::StreamForgotten] {
        let mut client = Client::live();
        client.say(&["a", "b"]);
        let old = client.stream();
        check(&client.refuse(1, code, 0, 0), &[]);
        check(&client.refuse(2, code, 0, 0), &["join after 0"]);
        client.joined(1, 0);
        let own = client.own(1, old, 1, "a");
        check(&client.page(1, false, &[own]), &["acknowledged 1: 1 at 1", "event 1", "live"]);
        check(&client.tick(), &["post 1 b"]);
        assert_ne!(client.stream(), old);
    }
}

#[test]
fn a_post_refused_for_good_is_dropped_and_the_rest_goes_on_another_stream() {
    let mut client = Client::live();
    client.say(&["", "b"]);
    check(&client.refuse(1, Refusal::EmptyText, 0, 0), &[]);
    check(&client.refuse(2, Refusal::OutOfOrder, 0, 1), &["join after 0"]);
    check(&client.page(0, false, &[]), &["refused 1: 111", "live"]);
    check(&client.tick(), &["post 1 b"]);
}

/// C08: sent again while the first copy waited, the first was refused for good and the second taken.
#[test]
fn a_post_refused_for_good_may_still_be_in_the_log() {
    let mut client = Client::live();
    client.say(&["a"]);
    client.now += 5_000;
    check(&client.tick(), &["post 1 a"]);
    check(&client.refuse(1, Refusal::NotYetAssigned, 0, 0), &["join after 0"]);
    check(&client.hear(acknowledged(1, 1)), &["acknowledged 1: 1 at 1", "own 1 a"]);
    check(&client.page(1, false, &[]), &["live"]);
    check(&client.tick(), &[]);
}

#[test]
fn what_was_refused_for_good_before_the_log_was_asked_is_said_again_on_a_new_connection() {
    let mut client = Client::live();
    client.say(&["", "b"]);
    client.refuse(1, Refusal::EmptyText, 0, 0);
    check(&client.come_back(), &["join after 0"]);
    check(&client.page(0, false, &[]), &["live"]);
    check(&client.tick(), &["post 1 ", "post 2 b"]);
    check(&client.refuse(1, Refusal::EmptyText, 0, 0), &[]);
    check(&client.refuse(2, Refusal::OutOfOrder, 0, 1), &["join after 0"]);
    check(&client.page(0, false, &[]), &["refused 1: 111", "live"]);
    check(&client.tick(), &["post 1 b"]);
}

#[test]
fn an_unknown_stream_with_nothing_acknowledged_begins_at_its_first() {
    let mut client = Client::live();
    client.say(&["a", "b"]);
    client.refuse(1, Refusal::Again, 0, 0);
    check(&client.refuse(2, Refusal::StreamUnknown, 0, 1), &[]);
    client.now += 20;
    check(&client.tick(), &["post 1 a", "post 2 b"]);
    client.hear(acknowledged(1, 1));
    check(&client.refuse(2, Refusal::StreamUnknown, 0, 1), &["join after 1"]);
}

/// What is accepted and not yet on disk is not in a page; its answer is waited for.
#[test]
fn a_stream_is_left_only_when_the_last_post_on_it_has_an_answer() {
    let mut client = Client::live();
    client.say(&["a", "b", "c"]);
    check(&client.refuse(1, Refusal::StreamConflict, 0, 0), &[]);
    check(&client.tick(), &[]);
    check(&client.hear(acknowledged(2, 1)), &["acknowledged 2: 2 at 1", "own 1 b"]);
    client.now += 5_000;
    check(&client.tick(), &["join after 1"]);
}

#[test]
fn a_connection_that_has_not_joined_joins_and_says_it_again() {
    let mut client = Client::live();
    client.say(&["a"]);
    check(&client.refuse(1, Refusal::NotJoined, 0, 0), &["join after 0"]);
    check(&client.refuse(1, Refusal::NotJoined, 0, 0), &[]);
    client.page(0, false, &[]);
    check(&client.tick(), &["post 1 a"]);
}

/// C10.
#[test]
fn a_resume_asks_page_by_page_and_is_live_after_the_last() {
    let mut client = Client::live();
    client.hear(message(1));
    check(&client.come_back(), &["join after 1"]);
    check(&client.page(4, true, &[message(2), message(3)]), &["event 2", "event 3", "join after 3"]);
    check(&client.joined(4, 0), &["joined"]);
    check(&client.page(4, false, &[message(4)]), &["event 4", "live"]);
}

#[test]
fn a_page_that_overlaps_with_what_came_live_is_no_repetition() {
    let mut client = Client::live();
    check(&client.hear(message(2)), &["Gap { expected: 1, got: 2 }", "join after 0"]);
    check(&client.hear(message(1)), &["event 1"]);
    check(&client.page(3, false, &[message(1), message(2), message(3)]), &["event 2", "event 3", "live"]);
}

#[test]
fn gaps_and_repetitions_are_breaches() {
    let mut client = Client::live();
    client.hear(message(1));
    check(&client.hear(message(1)), &["Repeated { seq: 1 }"]);
    check(&client.hear(message(3)), &["Gap { expected: 2, got: 3 }", "join after 1"]);
    check(&client.page(3, false, &[message(3)]), &["Gap { expected: 2, got: 3 }"]);
    client.now += 1_000;
    check(&client.tick(), &["join after 1"]);
    check(&client.page(3, false, &[message(2)]), &["event 2", "Gap { expected: 3, got: 3 }"]);
}

#[test]
fn a_second_answer_that_differs_an_altered_text_and_a_lost_stream_are_breaches() {
    let mut client = Client::live();
    client.say(&["a", "b"]);
    client.hear(acknowledged(1, 1));
    check(&client.hear(acknowledged(1, 2)), &["TwoAnswers { number: 1, first: 1, then: 2 }"]);
    let own = client.own(2, client.stream(), 2, "B");
    check(&client.hear(own), &["acknowledged 2: 2 at 2", "Altered { seq: 2 }", "event 2"]);
    client.come_back();
    check(&client.joined(2, 0), &["StreamLost { acknowledged: 2, known: 0 }", "joined"]);
}

#[test]
fn a_position_beyond_the_log_is_a_breach_and_the_view_begins_again() {
    let mut client = Client::live();
    client.hear(message(1));
    client.come_back();
    let effects = client.refuse(0, Refusal::Ahead, 0, 0);
    check(&effects, &["Ahead { seen: 1 }", "restarted", "join after 0"]);
}

#[test]
fn a_join_refused_for_now_is_asked_again_and_one_refused_for_good_is_not() {
    let mut client = Client::live();
    client.come_back();
    check(&client.refuse(0, Refusal::Again, 200, 0), &[]);
    client.now += 200;
    check(&client.tick(), &["join after 0"]);
    client.now += 5_000;
    check(&client.tick(), &["join after 0"]);
    check(&client.refuse(0, Refusal::UnknownTicket, 0, 0), &["failed 103"]);
    assert_eq!(client.delivery.due(), None);
}
