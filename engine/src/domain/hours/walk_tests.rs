//! Business hours against a walk through every minute of nine days, which knows no rule but what the clocks show.

use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

const MINUTE: u64 = 60_000;
const WALK_DAYS: u64 = 9;

/// A place, and an instant within a day of a change of its clocks, or of none.
const PLACES: [(&str, &str); 14] = [
    ("Europe/Berlin", "2026-03-29T01:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00Z"),
    ("America/New_York", "2027-03-14T07:00Z"),
    ("America/New_York", "2027-11-07T06:00Z"),
    ("America/Havana", "2026-03-08T05:00Z"),
    ("America/Havana", "2026-11-01T05:00Z"),
    ("Africa/Cairo", "2026-10-29T21:00Z"),
    ("America/St_Johns", "2010-11-07T02:31Z"),
    ("America/St_Johns", "2011-03-13T03:31Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),
    ("Asia/Kolkata", "2026-10-25T01:00Z"),
    ("UTC", "2026-10-25T01:00Z"),
];

/// Edges in order, in quarters of an hour, as the intervals of one day; the last may pass midnight.
fn day_text(edges: &[u16]) -> String {
    let clock = |quarter: u16| match quarter {
        0..=96 => format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15),
        later => format!("{:02}:{:02}+1", later / 4 - 24, later % 4 * 15),
    };
    let pairs = edges.chunks_exact(2).map(|pair| format!("{}-{}", clock(pair[0]), clock(pair[1])));
    pairs.collect::<Vec<_>>().join(", ")
}

/// One day: up to three intervals, the small hours often among them.
fn day() -> impl Strategy<Value = Vec<u16>> {
    let edge = prop_oneof![0u16..20, 0u16..96, 88u16..=96];
    (vec(edge, 0..=6), prop_oneof![Just(0u16), 97u16..110, 97u16..190]).prop_map(|(mut edges, night)| {
        edges.sort_unstable();
        edges.dedup();
        if night > 0 && edges.len() % 2 == 1 && edges.last() != Some(&96) {
            edges.push(night);
        }
        edges.truncate(edges.len() / 2 * 2);
        edges
    })
}

/// A week and some dates of their own around a day, as text; what reads as no hours is left out.
fn schedule() -> impl Strategy<Value = (Hours, Timestamp)> {
    let whole = prop_oneof![5 => Just(false), 1 => Just(true)];
    let parts = (0..PLACES.len(), vec(day(), 7), btree_map(-4i64..5, day(), 0..4), whole);
    parts.prop_filter_map("overlaps over midnight", |(place, week, special, whole)| {
        let (zone, change) = PLACES[place];
        let change: Timestamp = change.parse().unwrap();
        let near = TimeZoneDatabase::bundled().get(zone).unwrap().to_datetime(change).date();
        let mut text = format!("zone {zone}");
        for (weekday, edges) in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].into_iter().zip(&week) {
            match (whole, edges.is_empty()) {
                (true, _) => text += &format!("; {weekday} 00:00-24:00"),
                (false, true) => {}
                (false, false) => text += &format!("; {weekday} {}", day_text(edges)),
            }
        }
        for (offset, edges) in &special {
            let day = near + Span::new().days(*offset);
            let closed = edges.is_empty();
            text += &if closed { format!("; closed {day}") } else { format!("; {day} {}", day_text(edges)) };
        }
        Some((text.parse().ok()?, change))
    })
}

/// What the clocks show at every minute, and from that alone which minutes are open.
struct Walk {
    first: Time,
    shown: Vec<DateTime>,
    open: Vec<bool>,
}

impl Walk {
    fn new(schedule: &Schedule, middle: Timestamp) -> Walk {
        let zone: TimeZone = TimeZoneDatabase::bundled().get(schedule.zone.name()).unwrap();
        let first = middle.as_second() / 60 * 60 - i64::try_from(WALK_DAYS * 12 * 3_600).unwrap();
        let minutes = i64::try_from(WALK_DAYS * 24 * 60).unwrap();
        let instants = (0..minutes).map(|minute| Timestamp::from_second(first + minute * 60).unwrap());
        let shown: Vec<DateTime> = instants.map(|instant| zone.to_datetime(instant)).collect();
        let mut walk =
            Walk { first: Time::from_ms(u64::try_from(first * 1_000).unwrap()), open: vec![false; shown.len()], shown };
        let mut day = walk.shown[0].date();
        while day < walk.shown[walk.shown.len() - 1].date() {
            walk.fill(schedule, day);
            day = day.tomorrow().unwrap();
        }
        walk
    }

    fn fill(&mut self, schedule: &Schedule, day: Date) {
        let reading = |minute: u16| day.at(0, 0, 0, 0) + Span::new().minutes(minute);
        for interval in schedule.intervals(day) {
            let from = self.first_shown(reading(interval.from));
            let to = match interval.to {
                DAY_MINUTES => self.first_shown(reading(interval.to)),
                to => self.last_shown(reading(to)),
            };
            // What the clocks skipped leaves nothing.
            if from < to {
                self.open[from..to].fill(true);
            }
        }
    }

    /// The first minute at which the clocks show this or more.
    fn first_shown(&self, reading: DateTime) -> usize {
        self.shown.iter().position(|shown| *shown >= reading).unwrap_or(self.shown.len())
    }

    /// The last minute at which they show this, or else the first after they skipped it.
    fn last_shown(&self, reading: DateTime) -> usize {
        let last = self.shown.iter().rposition(|shown| *shown <= reading);
        last.map_or(0, |last| if self.shown[last] == reading { last } else { last + 1 })
    }

    fn at(&self, minute: usize) -> Time {
        Time::from_ms(self.first.ms() + u64::try_from(minute).unwrap() * MINUTE)
    }

    /// The minutes that the edges of the walk do not touch.
    fn sure(&self) -> std::ops::Range<usize> {
        3 * 1_440..self.shown.len() - 2 * 1_440
    }

    /// The next minute from this one on that is open or not, within what is sure.
    fn next(&self, minute: usize, open: bool) -> Option<usize> {
        (minute..self.sure().end).find(|minute| self.open[*minute] == open)
    }
}

/// Where an answer lies on the walk; one beyond what is sure is none.
fn within(walk: &Walk, answer: Option<Time>) -> Option<Time> {
    answer.filter(|time| *time < walk.at(walk.sure().end))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// B25
    #[test]
    fn every_answer_agrees_with_a_walk_through_the_minutes((hours, middle) in schedule()) {
        let Hours::ByClock(schedule) = &hours else { panic!("by the clock") };
        let walk = Walk::new(schedule, middle);
        for minute in walk.sure() {
            prop_assert_eq!(hours.is_open(walk.at(minute)), walk.open[minute], "{} at {}", hours, walk.shown[minute]);
        }
        for minute in walk.sure().step_by(37) {
            let now = walk.at(minute);
            let shut = walk.next(minute, false);
            let closes = shut.filter(|_| walk.open[minute]).map(|minute| walk.at(minute));
            prop_assert_eq!(within(&walk, hours.closes_at(now)), closes, "{} at {}", hours, walk.shown[minute]);
            let opens = shut.and_then(|minute| walk.next(minute, true)).map(|minute| walk.at(minute));
            prop_assert_eq!(within(&walk, hours.opens_at(now)), opens, "{} at {}", hours, walk.shown[minute]);
        }
    }

    /// B25
    #[test]
    fn the_open_time_is_the_open_minutes((hours, middle) in schedule(), one in 0usize..5_760, other in 0usize..5_760) {
        let Hours::ByClock(schedule) = &hours else { panic!("by the clock") };
        let walk = Walk::new(schedule, middle);
        let (one, other) = (walk.sure().start + one, walk.sure().start + other);
        let (from, to) = (one.min(other), one.max(other));
        let open = walk.open[from..to].iter().filter(|open| **open).count();
        let open_ms = u64::try_from(open).unwrap() * MINUTE;
        prop_assert_eq!(hours.open_ms_between(walk.at(from), walk.at(to)), open_ms, "{}", hours);
        prop_assert_eq!(hours.open_ms_between(walk.at(to), walk.at(from)), 0);
    }

    /// B25
    #[test]
    fn hours_read_back_from_their_text_are_the_same((hours, _) in schedule()) {
        let text = hours.to_string();
        prop_assert_eq!(text.parse::<Hours>(), Ok(hours), "{}", text);
    }

    /// B25
    #[test]
    fn no_text_is_too_odd_to_be_refused(text in "[a-zA-Z0-9:;,+ \n–-]{0,60}|(Mon|closed|zone|2026-12-25|[0-9:+, -])*") {
        if let Ok(hours) = text.parse::<Hours>() {
            prop_assert_eq!(hours.to_string().parse::<Hours>(), Ok(hours));
        }
    }

    /// B31
    #[test]
    fn the_last_entry_agrees_with_the_closing((hours, middle) in schedule(), early in 0u64..6_000, before in 0u64..600) {
        let now = Time::from_ms(u64::try_from(middle.as_millisecond()).unwrap() - early * MINUTE);
        let taken = hours.last_entry(now, before * MINUTE);
        let left = hours.closes_at(now).map(|closes| closes.ms() - now.ms());
        prop_assert_eq!(taken, hours.is_open(now) && left.is_none_or(|left| left > before * MINUTE));
    }
}
