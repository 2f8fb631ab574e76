//! When a category is served: hours of the week in its own time zone, with holidays and days of their own.
//!
//! As text (of the settings page and of the record) it is `always`, or rules with `;` or a new line between them:
//! ```text
//! Mon-Fri 09:00-12:00, 13:00-17:00; Fri 22:00-02:00+1; closed 2026-12-25; 2026-12-24 09:00-12:00; zone Europe/Berlin
//! ```
//! `+1` is the day after, also written `Fri 22:00-Sat 02:00`; a day ends at `24:00`. A weekday may stand in several
//! rules, a date in one. A date's rule stands in for its weekday's. An interval belongs to the day on which it begins:
//! what began on the eve of a closed day runs to its end, and where it meets a date's own intervals, both hold.
//!
//! **Clock changes.** A reading that the clocks skip moves forward to the first instant after the change. Of a reading
//! that they show twice an opening takes the first and a closing the second: nobody who relies on the posted hours
//! finds the door shut. `24:00` is no reading of a clock but the end of the day, which is where the next one begins.
//! At the very millisecond of its closing it is closed.
//!
//! **Cost.** [`Hours::is_open`] looks at the intervals of four days and allocates nothing; the others walk day by day
//! to their answer.

mod form;
mod read;
mod write;
mod zone;

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk_tests;

use std::iter::successors;

use deskwire_protocol::Time;
use jiff::civil::Date;

pub use read::BadHours;
use zone::{DAY_MINUTES, Zone, following, preceding};

/// Most intervals of one day.
pub const INTERVALS_PER_DAY_MAX: usize = 6;
/// Most dates with a rule of their own, closed ones included.
pub const SPECIAL_DAYS_MAX: usize = 128;
/// Longest text, in bytes: what the two bounds above can need.
pub const HOURS_BYTES_MAX: usize = 16 * 1_024;
/// How far ahead an opening or a closing is looked for, in days.
pub const HORIZON_DAYS: u16 = 400;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// When a category is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hours {
    /// At any time.
    #[default]
    Always,
    /// By the clock of a place.
    ByClock(Schedule),
}

/// Hours of the week, and the dates that differ. Made from text alone; see [`Hours`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    zone: Zone,
    /// Monday first; of each the intervals in order, none over another.
    week: [Vec<Interval>; 7],
    /// In order of date.
    special: Vec<SpecialDay>,
}

/// A date with a rule of its own: closed where it has no interval.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SpecialDay {
    day: Date,
    intervals: Vec<Interval>,
}

/// Minutes since the day's 00:00 by the clock: `from` is within the day and less than `to`, which may be of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Interval {
    from: u16,
    to: u16,
}

/// An interval of a certain day as instants; empty where the clocks skipped it.
#[derive(Clone, Copy)]
struct Stretch {
    from: Time,
    to: Time,
}

impl Stretch {
    fn holds(self, at: Time) -> bool {
        self.from <= at && at < self.to
    }
}

impl Hours {
    /// Whether it is open.
    pub fn is_open(&self, now: Time) -> bool {
        match self {
            Hours::Always => true,
            Hours::ByClock(schedule) => schedule.is_open(now),
        }
    }

    /// When the present stretch ends, what adjoins it counted in. None when it is closed, and when it does not close
    /// within [`HORIZON_DAYS`].
    pub fn closes_at(&self, now: Time) -> Option<Time> {
        match self {
            Hours::Always => None,
            Hours::ByClock(schedule) => schedule.closes_at(now),
        }
    }

    /// When it opens next: the first instant after now at which it was closed and is open. None when there is none
    /// within [`HORIZON_DAYS`].
    pub fn opens_at(&self, now: Time) -> Option<Time> {
        match self {
            Hours::Always => None,
            Hours::ByClock(schedule) => schedule.opens_at(now),
        }
    }

    /// How long it is open from the one instant to the other, in milliseconds: for clocks that stop out of hours. Its
    /// cost grows with the days between.
    pub fn open_ms_between(&self, from: Time, to: Time) -> u64 {
        match self {
            Hours::Always => to.ms().saturating_sub(from.ms()),
            Hours::ByClock(schedule) => schedule.open_ms_between(from, to),
        }
    }

    /// Whether entry is still taken where the last is so many milliseconds before closing: it is open, and for longer
    /// than that. A stretch no longer than `before_ms` takes nobody.
    pub fn last_entry(&self, now: Time, before_ms: u64) -> bool {
        let taken_at = now.ms().saturating_add(before_ms);
        self.is_open(now) && self.closes_at(now).is_none_or(|closes| taken_at < closes.ms())
    }
}

impl Schedule {
    fn is_open(&self, now: Time) -> bool {
        self.around(now).any(|stretch| stretch.holds(now))
    }

    fn closes_at(&self, now: Time) -> Option<Time> {
        let horizon = horizon(now);
        let whole_week = self.fills_the_week();
        let mut end = self.open_until(now)?;
        while end <= horizon {
            if whole_week {
                end = end.max(self.eve_of_next_special(end)?);
            }
            match self.open_until(end) {
                Some(later) => end = later,
                None => return Some(end),
            }
        }
        None
    }

    fn opens_at(&self, now: Time) -> Option<Time> {
        let from = if self.is_open(now) { self.closes_at(now)? } else { now };
        let first = preceding(self.zone.day_of(from));
        let mut stretches = self.stretches(first, self.zone.day_of(horizon(now)));
        let next = stretches.find(|stretch| stretch.from > from && stretch.from < stretch.to)?;
        (next.from <= horizon(now)).then_some(next.from)
    }

    fn open_ms_between(&self, from: Time, to: Time) -> u64 {
        let mut counted = from;
        let mut open_ms = 0;
        let first = preceding(preceding(self.zone.day_of(from)));
        for stretch in self.stretches(first, following(self.zone.day_of(to))) {
            let end = stretch.to.min(to);
            open_ms += end.ms().saturating_sub(stretch.from.max(counted).ms());
            counted = counted.max(end);
        }
        open_ms
    }

    /// The last end among the stretches that hold an instant: of two that overlap at a clock change the later.
    fn open_until(&self, at: Time) -> Option<Time> {
        self.around(at).filter(|stretch| stretch.holds(at)).map(|stretch| stretch.to).max()
    }

    /// Whatever may hold an instant: an interval ends on the day after its own at the latest, and where the clocks are
    /// set back at midnight, either day may come again.
    fn around(&self, at: Time) -> impl Iterator<Item = Stretch> {
        let day = self.zone.day_of(at);
        self.stretches(preceding(preceding(day)), following(day))
    }

    /// The stretches of the days from the first to the last, both included, in the order of their openings.
    fn stretches(&self, first: Date, last: Date) -> impl Iterator<Item = Stretch> {
        let days = successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last);
        days.flat_map(move |day| self.intervals(day).iter().map(move |interval| self.stretch(day, *interval)))
    }

    fn stretch(&self, day: Date, interval: Interval) -> Stretch {
        Stretch { from: self.zone.opening(day, interval.from), to: self.zone.closing(day, interval.to) }
    }

    fn intervals(&self, day: Date) -> &[Interval] {
        match self.special.binary_search_by_key(&day, |special| special.day) {
            Ok(place) => &self.special[place].intervals,
            Err(_) => &self.week[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())],
        }
    }

    /// Whether the week has no gap, so that only a special day can close.
    fn fills_the_week(&self) -> bool {
        let mut reached = self.week[6].last().map_or(0, |interval| interval.to.saturating_sub(DAY_MINUTES));
        for day in &self.week {
            for interval in day {
                if interval.from > reached {
                    return false;
                }
                reached = reached.max(interval.to);
            }
            if reached < DAY_MINUTES {
                return false;
            }
            reached -= DAY_MINUTES;
        }
        true
    }

    /// The beginning of the day before the next special day, past ones included that still may matter.
    fn eve_of_next_special(&self, at: Time) -> Option<Time> {
        let first = preceding(preceding(self.zone.day_of(at)));
        let place = self.special.partition_point(|special| special.day < first);
        let next = self.special.get(place)?;
        Some(self.zone.opening(preceding(next.day), 0))
    }
}

fn horizon(now: Time) -> Time {
    Time::from_ms(now.ms() + u64::from(HORIZON_DAYS) * DAY_MS)
}
