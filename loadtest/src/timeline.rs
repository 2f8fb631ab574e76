//! What was measured, second by second, in bounded memory: a long run has wider slices instead of more of them.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::measure::What;

/// More slices than this are merged, two and two: a run of an hour has slices of eight seconds.
pub const SLICES_MAX: usize = 600;
const SECOND_US: u64 = 1_000_000;
/// Two digits of a time are enough for a curve.
const DIGITS: u8 = 2;

/// What is counted over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Posts, when they were due.
    Scheduled,
    /// Acknowledgements, when they came.
    Acknowledged,
    /// Receipts by the other side, when they came.
    Delivered,
    /// Posts and requests refused, when the refusal came.
    Refused,
    /// Connections lost.
    Lost,
}

const COUNTS: usize = Count::Lost as usize + 1;

/// The slices of a run; nothing before its origin is in them.
#[derive(Debug)]
pub struct Timeline {
    origin_us: u64,
    width_s: u64,
    slices: Vec<Slice>,
}

#[derive(Clone, Debug, Default)]
struct Slice {
    counts: [u64; COUNTS],
    times: Vec<Option<Histogram<u32>>>,
}

/// A histogram of one slice in short, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// How many.
    pub count: u64,
    /// The median.
    pub p50: u64,
    /// 99 % are at most this.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

/// One slice, as it is reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceLine {
    /// When it begins, in seconds since the measured time began.
    pub at_s: u64,
    /// Posts that were due in it.
    pub scheduled: u64,
    /// Acknowledgements that came in it.
    pub acknowledged: u64,
    /// Receipts in it.
    pub delivered: u64,
    /// Posts and requests refused in it.
    pub refused: u64,
    /// Connections lost in it.
    pub lost: u64,
    /// The times of what began in it (a post: what was due in it), in microseconds, by name.
    pub times_us: BTreeMap<String, Brief>,
}

impl Timeline {
    /// Begins at this time of the run.
    pub fn new(origin_us: u64) -> Timeline {
        Timeline { origin_us, width_s: 1, slices: Vec::new() }
    }

    /// Seconds of a slice.
    pub fn width_s(&self) -> u64 {
        self.width_s
    }

    /// Something happened at this time of the run.
    pub fn count(&mut self, count: Count, at_us: u64) {
        if let Some(slice) = self.slice(at_us) {
            slice.counts[count as usize] += 1;
        }
    }

    /// Something that began at this time of the run took so long.
    pub fn took(&mut self, what: What, began_us: u64, us: u64) {
        let Some(slice) = self.slice(began_us) else { return };
        if slice.times.is_empty() {
            slice.times.resize(What::ALL.len(), None);
        }
        let histogram = || Histogram::new(DIGITS).expect("two digits are allowed");
        let times = slice.times[what as usize].get_or_insert_with(histogram);
        // It grows as it must, and the longest time is far from where it could not.
        let _ = times.record(us);
    }

    /// Takes in what another one of the same run has, slice by slice.
    pub fn add(&mut self, other: &Timeline) {
        for (place, more) in other.slices.iter().enumerate() {
            let at_us = other.origin_us + place as u64 * other.width_s * SECOND_US;
            if let Some(slice) = self.slice(at_us) {
                slice.add(more.clone());
            }
        }
    }

    /// The times of what began in the second before this one; nothing where there were none.
    pub fn latest(&self, what: What, now_us: u64) -> Option<Brief> {
        let place = self.place(now_us.checked_sub(SECOND_US)?)?;
        brief(self.slices.get(place)?, what)
    }

    /// All slices.
    pub fn lines(&self) -> Vec<SliceLine> {
        self.slices.iter().enumerate().map(|(place, slice)| line(slice, place as u64 * self.width_s)).collect()
    }

    fn place(&self, at_us: u64) -> Option<usize> {
        Some((at_us.checked_sub(self.origin_us)? / SECOND_US / self.width_s) as usize)
    }

    fn slice(&mut self, at_us: u64) -> Option<&mut Slice> {
        while self.place(at_us)? >= SLICES_MAX {
            self.merge();
        }
        let place = self.place(at_us)?;
        if self.slices.len() <= place {
            self.slices.resize_with(place + 1, Slice::default);
        }
        self.slices.get_mut(place)
    }

    fn merge(&mut self) {
        let mut narrow = std::mem::take(&mut self.slices).into_iter();
        while let Some(mut first) = narrow.next() {
            if let Some(second) = narrow.next() {
                first.add(second);
            }
            self.slices.push(first);
        }
        self.width_s *= 2;
    }
}

impl Slice {
    fn add(&mut self, other: Slice) {
        self.counts.iter_mut().zip(other.counts).for_each(|(sum, more)| *sum += more);
        self.times.resize(What::ALL.len(), None);
        for (sum, more) in self.times.iter_mut().zip(other.times) {
            match (&mut *sum, more) {
                (_, None) => {}
                (None, more) => *sum = more,
                (Some(sum), Some(more)) => sum.add(more).expect("it grows as it must"),
            }
        }
    }
}

fn brief(slice: &Slice, what: What) -> Option<Brief> {
    let times = slice.times.get(what as usize)?.as_ref()?;
    let at = |quantile| times.value_at_quantile(quantile);
    Some(Brief { count: times.len(), p50: at(0.5), p99: at(0.99), max: times.max() })
}

fn line(slice: &Slice, at_s: u64) -> SliceLine {
    let count = |count: Count| slice.counts[count as usize];
    let times = What::ALL.iter().filter_map(|what| Some((what.word().to_owned(), brief(slice, *what)?)));
    SliceLine {
        at_s,
        scheduled: count(Count::Scheduled),
        acknowledged: count(Count::Acknowledged),
        delivered: count(Count::Delivered),
        refused: count(Count::Refused),
        lost: count(Count::Lost),
        times_us: times.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_began_in_a_second_stands_in_its_slice_and_what_came_before_the_origin_in_none() {
        let mut timeline = Timeline::new(5 * SECOND_US);
        timeline.count(Count::Scheduled, 4 * SECOND_US);
        timeline.count(Count::Scheduled, 5 * SECOND_US);
        timeline.took(What::Deliver, 7 * SECOND_US + 1, 3_000_000);
        timeline.count(Count::Delivered, 10 * SECOND_US + 1);
        let lines = timeline.lines();
        assert_eq!(lines.len(), 6);
        assert_eq!((lines[0].scheduled, lines[2].times_us["deliver"].count, lines[5].delivered), (1, 1, 1));
        assert_eq!(timeline.latest(What::Deliver, 8 * SECOND_US + 5).map(|brief| brief.count), Some(1));
        assert_eq!(timeline.latest(What::Deliver, 9 * SECOND_US + 5), None);
    }

    #[test]
    fn two_are_one_and_what_is_before_the_origin_of_the_first_is_left_out() {
        let (mut first, mut second) = (Timeline::new(2 * SECOND_US), Timeline::new(0));
        first.took(What::Deliver, 3 * SECOND_US, 10);
        [1, 3, 9].iter().for_each(|second_of| second.took(What::Deliver, second_of * SECOND_US, 20));
        first.add(&second);
        let counts: Vec<u64> =
            first.lines().iter().map(|line| line.times_us.get("deliver").map_or(0, |one| one.count)).collect();
        assert_eq!(counts, [0, 2, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn a_long_run_has_wider_slices_and_loses_nothing() {
        let mut timeline = Timeline::new(0);
        let seconds = 10 * SLICES_MAX as u64;
        for second in 0..seconds {
            timeline.count(Count::Delivered, second * SECOND_US);
            timeline.took(What::Deliver, second * SECOND_US, 1 + second);
            assert!(timeline.slices.len() <= SLICES_MAX, "{second}");
        }
        let lines = timeline.lines();
        assert_eq!((timeline.width_s(), lines.len()), (16, seconds.div_ceil(16) as usize));
        assert_eq!(lines.iter().map(|line| line.delivered).sum::<u64>(), seconds);
        assert_eq!(lines.iter().map(|line| line.times_us["deliver"].count).sum::<u64>(), seconds);
        assert!(lines.last().unwrap().times_us["deliver"].max >= seconds);
    }
}
