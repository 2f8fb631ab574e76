//! Hours as text: the shortest that reads as the same hours.

use std::fmt::{Display, Formatter, Result};

use super::zone::DAY_MINUTES;
use super::{Hours, Interval, Schedule};

/// The weekdays as they are written, Monday first.
pub(super) const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Display for Hours {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Hours::Always => f.write_str("always"),
            Hours::ByClock(schedule) => schedule.fmt(f),
        }
    }
}

impl Display for Schedule {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut day = 0;
        for alike in self.week.chunk_by(|one, next| one == next) {
            let last = day + alike.len() - 1;
            if !alike[0].is_empty() {
                write_weekdays(f, day, last)?;
                write_intervals(f, &alike[0])?;
            }
            day = last + 1;
        }
        for special in &self.special {
            if special.intervals.is_empty() {
                write!(f, "closed {}; ", special.day)?;
            } else {
                write!(f, "{}", special.day)?;
                write_intervals(f, &special.intervals)?;
            }
        }
        write!(f, "zone {}", self.zone.name())
    }
}

fn write_weekdays(f: &mut Formatter<'_>, first: usize, last: usize) -> Result {
    f.write_str(WEEKDAYS[first])?;
    if last > first { write!(f, "-{}", WEEKDAYS[last]) } else { Ok(()) }
}

fn write_intervals(f: &mut Formatter<'_>, intervals: &[Interval]) -> Result {
    for (place, interval) in intervals.iter().enumerate() {
        write!(f, "{} {interval}", if place == 0 { "" } else { "," })?;
    }
    f.write_str("; ")
}

impl Display for Interval {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let clock = |minute: u16| (minute / 60, minute % 60);
        let ((from_hour, from_minute), (to_hour, to_minute)) = (clock(self.from), clock(self.to));
        write!(f, "{from_hour:02}:{from_minute:02}-")?;
        if self.to > DAY_MINUTES {
            write!(f, "{:02}:{to_minute:02}+1", to_hour - 24)
        } else {
            write!(f, "{to_hour:02}:{to_minute:02}")
        }
    }
}
