//! What a run measures: times from the scheduled send, and counts.

use deskwire_protocol::Refusal;
use hdrhistogram::Histogram;
use serde::Serialize;

use crate::acts::Acts;

/// The longest time told apart, in microseconds.
const LONGEST_US: u64 = 600_000_000;
/// Sends later than this after their time say that the client itself cannot follow, in microseconds.
const LAG_P99_US_MAX: u64 = 5_000;

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
    times: Vec<Histogram<u64>>,
    /// Posts that the schedule asked for.
    pub scheduled: u64,
    /// Of these, posts for which no chat was paired.
    pub unpaired: u64,
    /// Posts acknowledged in the measured time.
    pub acknowledged: u64,
    /// Receipts by the other side in the measured time.
    pub delivered: u64,
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
    /// Times that an agent went on a break, reloaded, vanished or went home.
    pub turns: u64,
    /// Tickets of earlier runs that stood in the agents' way and were closed.
    pub cleared: u64,
    /// What else people did.
    pub acts: Acts,
}

impl Default for Measures {
    fn default() -> Self {
        let histogram = || Histogram::new_with_bounds(1, LONGEST_US, 3).expect("these bounds are allowed");
        Measures {
            times: What::ALL.iter().map(|_| histogram()).collect(),
            scheduled: 0,
            unpaired: 0,
            acknowledged: 0,
            delivered: 0,
            opened: 0,
            paired: 0,
            closed: 0,
            disconnects: 0,
            requests_refused: 0,
            turns: 0,
            cleared: 0,
            acts: Acts::default(),
        }
    }
}

/// A histogram in a line, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    /// How many.
    pub count: u64,
    /// The median.
    pub p50: u64,
    /// 90 % are at most this.
    pub p90: u64,
    /// 95 % are at most this.
    pub p95: u64,
    /// 99 % are at most this.
    pub p99: u64,
    /// 99.9 % are at most this.
    pub p999: u64,
    /// The longest.
    pub max: u64,
}

impl Measures {
    /// Takes in a time in microseconds.
    pub fn took(&mut self, what: What, us: u64) {
        self.times[what as usize].saturating_record(us.max(1));
    }

    /// Takes in that a post was refused for now, so long after it was sent.
    pub fn put_off(&mut self, code: u16, after_ms: u64) {
        self.acts.put_off += 1;
        self.acts.busy += u64::from(code == Refusal::Busy.number());
        self.took(What::Refused, after_ms * 1_000);
    }

    /// Takes in all that was measured elsewhere, or before.
    pub fn add(&mut self, other: &Measures) {
        for (times, more) in self.times.iter_mut().zip(&other.times) {
            times.add(more).expect("all have the same bounds");
        }
        self.scheduled += other.scheduled;
        self.unpaired += other.unpaired;
        self.acknowledged += other.acknowledged;
        self.delivered += other.delivered;
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

    /// A histogram in a line.
    pub fn line(&self, what: What) -> Line {
        let times = self.times(what);
        let at = |quantile| times.value_at_quantile(quantile);
        Line {
            count: times.len(),
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            max: times.max(),
        }
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
        let mut measures = Measures::default();
        (1..=1_000).for_each(|us| measures.took(What::Deliver, us));
        let line = measures.line(What::Deliver);
        assert_eq!((line.count, line.p50, line.p90, line.max), (1_000, 500, 900, 1_000));
        assert!(!measures.is_saturated());
        (0..10).for_each(|_| measures.took(What::Lag, 10_000));
        assert!(measures.is_saturated());
    }
}
