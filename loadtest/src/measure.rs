//! What a run measures: times from the scheduled send, and counts.

use deskwire_protocol::Refusal;
use hdrhistogram::Histogram;

use crate::acts::Acts;
use crate::clock::Clock;
use crate::line;
use crate::timeline::{Brief, Count, SliceLine, Timeline};

pub use crate::line::{Line, Point};

/// The longest time told apart, in microseconds.
pub const LONGEST_US: u64 = 600_000_000;
/// Sends later than this after their time say that the client itself cannot follow, in microseconds.
pub const LAG_P99_US_MAX: u64 = 5_000;

macro_rules! times {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// What is timed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum What { $($(#[doc = $doc])+ $name,)+ }

        impl What {
            /// Everything that is timed, in the order of the report.
            pub const ALL: &'static [What] = &[$(What::$name),+];

            /// Its name in reports.
            pub fn word(self) -> &'static str {
                match self { $(What::$name => $word,)+ }
            }
        }
    };
}

times! {
    /// From the scheduled send to the sender's acknowledgement.
    Acknowledge = "acknowledge",
    /// From the scheduled send to the other side's receipt.
    Deliver = "deliver",
    /// From the scheduled send until the last of the others in the room has it.
    LastOfRoom = "last_of_room",
    /// From the opening of a chat to the customer's seeing an agent assigned, the wait in the queue included.
    Pairing = "pairing",
    /// From a lost connection's successful dial to hearing all its tickets again.
    Resume = "resume",
    /// From the loss of a connection to hearing all its tickets again.
    Outage = "outage",
    /// From the strike (a kill, or all connections cut) to hearing all one's tickets again.
    Back = "back",
    /// The same from the moment the server listens again.
    BackOpen = "back, open",
    /// From the scheduled send to the receipt by those who read, while all read.
    DeliverCalm = "all read",
    /// The same while some do not read.
    DeliverStalled = "some stall",
    /// From the sending of a post to its being refused for now.
    Refused = "refused",
    /// From the scheduled send to the actual one: the client's own delay.
    Lag = "client lag",
}

/// All histograms, in microseconds, and counts.
#[derive(Debug)]
pub struct Measures {
    clock: Clock,
    times: Vec<Histogram<u64>>,
    /// Of each, how many were waited for and never came.
    never: [u64; What::ALL.len()],
    timeline: Timeline,
    /// Posts that the schedule asked for.
    pub scheduled: u64,
    /// Of these, posts for which no chat was paired.
    pub unpaired: u64,
    /// Of these, posts that somebody was given to say.
    pub said: u64,
    /// Receipts that these must lead to.
    pub owed: u64,
    /// Of the posts said, those with several receivers.
    pub to_many: u64,
    /// Posts acknowledged, of those due in the measured time.
    pub acknowledged: u64,
    /// Receipts by the other side, of posts due in the measured time.
    pub delivered: u64,
    /// Acknowledgements that came in the measured time, of whatever was due before.
    pub acknowledged_in_time: u64,
    /// Receipts that came in the measured time, of whatever was due before.
    pub delivered_in_time: u64,
    /// Chats opened, paired and closed, all the time.
    pub opened: u64,
    /// Of these, paired.
    pub paired: u64,
    /// Of these, closed.
    pub closed: u64,
    /// Connections lost.
    pub disconnects: u64,
    /// Requests refused, retryable ones included.
    pub requests_refused: u64,
    /// Posts refused for good.
    pub posts_refused: u64,
    /// Times that an agent went on a break, reloaded, vanished or went home.
    pub turns: u64,
    /// Tickets of earlier runs that stood in the agents' way and were closed.
    pub cleared: u64,
    /// What else people did.
    pub acts: Acts,
}

impl Measures {
    /// Nothing yet, by this clock of the run.
    pub fn new(clock: Clock) -> Measures {
        let histogram = || Histogram::new_with_bounds(1, LONGEST_US, 3).expect("these bounds are allowed");
        Measures {
            clock,
            times: What::ALL.iter().map(|_| histogram()).collect(),
            never: [0; What::ALL.len()],
            timeline: Timeline::new(0),
            scheduled: 0,
            unpaired: 0,
            said: 0,
            owed: 0,
            to_many: 0,
            acknowledged: 0,
            delivered: 0,
            acknowledged_in_time: 0,
            delivered_in_time: 0,
            opened: 0,
            paired: 0,
            closed: 0,
            disconnects: 0,
            requests_refused: 0,
            posts_refused: 0,
            turns: 0,
            cleared: 0,
            acts: Acts::default(),
        }
    }

    /// The measured time begins: the timeline has nothing of what was before.
    pub fn begin(&mut self, at_us: u64) {
        self.timeline = Timeline::new(at_us);
    }

    /// Takes in a time in microseconds that ends now.
    pub fn took(&mut self, what: What, us: u64) {
        let us = us.clamp(1, LONGEST_US);
        self.times[what as usize].saturating_record(us);
        self.timeline.took(what, self.clock.us().saturating_sub(us), us);
    }

    /// Something was waited for and will never come: it is slower than all that came.
    pub fn never_came(&mut self, what: What) {
        self.never[what as usize] += 1;
    }

    /// A post of the measured time is due.
    pub fn post_due(&mut self, due_us: u64) {
        self.scheduled += 1;
        self.timeline.count(Count::Scheduled, due_us);
    }

    /// Nobody was there to say it.
    pub fn post_unpaired(&mut self) {
        self.unpaired += 1;
    }

    /// Somebody has it to say, and so many must receive it.
    pub fn post_said(&mut self, due_us: u64, receivers: usize) {
        self.said += 1;
        self.owed += receivers as u64;
        self.to_many += u64::from(receivers > 1);
        self.took(What::Lag, self.clock.us().saturating_sub(due_us));
    }

    /// It was acknowledged.
    pub fn post_acknowledged(&mut self, due_us: u64) {
        let now_us = self.clock.us();
        self.acknowledged += 1;
        self.timeline.count(Count::Acknowledged, now_us);
        self.took(What::Acknowledge, now_us.saturating_sub(due_us));
    }

    /// One who must receive it has it.
    pub fn post_delivered(&mut self, due_us: u64) {
        let now_us = self.clock.us();
        self.delivered += 1;
        self.timeline.count(Count::Delivered, now_us);
        self.took(What::Deliver, now_us.saturating_sub(due_us));
    }

    /// A post was refused for good.
    pub fn post_refused(&mut self) {
        self.posts_refused += 1;
        self.timeline.count(Count::Refused, self.clock.us());
    }

    /// A request was refused.
    pub fn request_refused(&mut self) {
        self.requests_refused += 1;
        self.timeline.count(Count::Refused, self.clock.us());
    }

    /// A connection was lost.
    pub fn connection_lost(&mut self) {
        self.disconnects += 1;
        self.timeline.count(Count::Lost, self.clock.us());
    }

    /// Takes in that a post was refused for now, so long after it was sent.
    pub fn put_off(&mut self, code: u16, after_ms: u64) {
        self.acts.put_off += 1;
        self.acts.busy += u64::from(code == Refusal::Busy.number());
        self.timeline.count(Count::Refused, self.clock.us());
        self.took(What::Refused, after_ms * 1_000);
    }

    /// Takes in the chats that were opened before, and how long each waited for its agent.
    pub fn add_chats(&mut self, before: &Measures) {
        self.opened += before.opened;
        self.paired += before.paired;
        self.times[What::Pairing as usize].add(before.times(What::Pairing)).expect("all have the same bounds");
    }

    /// Takes in all that was measured elsewhere, or before.
    pub fn add(&mut self, other: &Measures) {
        for (times, more) in self.times.iter_mut().zip(&other.times) {
            times.add(more).expect("all have the same bounds");
        }
        self.never.iter_mut().zip(other.never).for_each(|(sum, more)| *sum += more);
        self.timeline.add(&other.timeline);
        self.said += other.said;
        self.owed += other.owed;
        self.to_many += other.to_many;
        self.posts_refused += other.posts_refused;
        self.scheduled += other.scheduled;
        self.unpaired += other.unpaired;
        self.acknowledged += other.acknowledged;
        self.delivered += other.delivered;
        self.acknowledged_in_time += other.acknowledged_in_time;
        self.delivered_in_time += other.delivered_in_time;
        self.opened += other.opened;
        self.paired += other.paired;
        self.closed += other.closed;
        self.disconnects += other.disconnects;
        self.requests_refused += other.requests_refused;
        self.turns += other.turns;
        self.cleared += other.cleared;
        self.acts.add(&other.acts);
    }

    /// A histogram.
    pub fn times(&self, what: What) -> &Histogram<u64> {
        &self.times[what as usize]
    }

    /// A histogram in a line, of what came so far.
    pub fn line(&self, what: What) -> Line {
        line::line(self.times(what), 0)
    }

    /// The same at the end of a run: what has not come will never come.
    pub fn last_line(&self, what: What) -> Line {
        line::line(self.times(what), self.missing(what))
    }

    /// What was due of this and never came. Nobody waits for a refusal, and what of `all read` and `some stall` never
    /// came is missing of `deliver`.
    pub fn missing(&self, what: What) -> u64 {
        match what {
            What::Acknowledge => self.said.saturating_sub(self.acknowledged),
            What::Deliver => self.owed.saturating_sub(self.delivered),
            What::LastOfRoom => self.to_many.saturating_sub(self.times(what).len()),
            What::Pairing | What::Resume | What::Outage | What::Back | What::BackOpen => self.never[what as usize],
            What::DeliverCalm | What::DeliverStalled | What::Refused | What::Lag => 0,
        }
    }

    /// A histogram as points; what never came is a part that no point reaches.
    pub fn points(&self, what: What) -> Vec<Point> {
        line::points(self.times(what), self.missing(what))
    }

    /// Mean and standard deviation of what came, in microseconds.
    pub fn spread(&self, what: What) -> (f64, f64) {
        (self.times(what).mean(), self.times(what).stdev())
    }

    /// The measured time in slices, and the seconds of each.
    pub fn slices(&self) -> (Vec<SliceLine>, u64) {
        (self.timeline.lines(), self.timeline.width_s())
    }

    /// The times of what began in the last second that is over.
    pub fn latest(&self, what: What) -> Option<Brief> {
        self.timeline.latest(what, self.clock.us())
    }

    /// Whether the client could not keep its own schedule: its figures then say as much of it as of the engine.
    pub fn is_saturated(&self) -> bool {
        let lag = self.times(What::Lag);
        !lag.is_empty() && lag.value_at_quantile(0.99) > LAG_P99_US_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_the_quantiles_and_a_late_client_is_told() {
        let mut measures = Measures::new(Clock::start());
        (1..=1_000).for_each(|us| measures.took(What::Deliver, us));
        let line = measures.line(What::Deliver);
        assert_eq!((line.count, line.p50, line.p90, line.max), (1_000, Some(500), Some(900), 1_000));
        assert!(!measures.is_saturated());
        (0..10).for_each(|_| measures.took(What::Lag, 10_000));
        assert!(measures.is_saturated());
    }

    #[test]
    fn what_never_came_counts_as_longer_than_all_that_did() {
        let mut measures = Measures::new(Clock::start());
        let now_us = measures.clock.us();
        (0..100).for_each(|_| measures.post_said(now_us, 1));
        (0..90).for_each(|_| measures.post_delivered(now_us));
        let so_far = measures.line(What::Deliver);
        assert!(so_far.p99.is_some());
        let line = measures.last_line(What::Deliver);
        assert_eq!((line.count, line.missing), (90, 10));
        assert!(line.p50.is_some() && line.p90 == Some(line.max), "{line:?}");
        assert_eq!((line.p95, line.p99, line.p999), (None, None, None));
        let points = measures.points(What::Deliver);
        assert_eq!(points.last().map(|point| (point.quantile, point.total)), Some((0.9, 90)));
        assert_eq!(measures.last_line(What::Acknowledge), Line { missing: 100, ..Line::default() });
    }

    #[test]
    fn who_is_told_as_never_there_is_behind_all_that_came_in_sums_too() {
        for what in [What::Pairing, What::Resume, What::Outage, What::Back, What::BackOpen] {
            let mut measures = Measures::new(Clock::start());
            (0..98).for_each(|_| measures.took(what, 1_000));
            let mut more = Measures::new(Clock::start());
            (0..2).for_each(|_| more.never_came(what));
            measures.add(&more);
            let line = measures.last_line(what);
            assert_eq!((line.count, line.missing, line.p99), (98, 2, None), "{what:?}");
            assert!(line.p95.is_some() && measures.line(what).p99.is_some(), "{what:?}: {line:?}");
        }
    }
}
