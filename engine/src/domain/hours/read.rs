//! Hours from text, and what can be wrong with it, in words for the person who wrote it.

use std::str::FromStr;

use jiff::civil::Date;
use thiserror::Error;

use super::write::WEEKDAYS;
use super::zone::{DAY_MINUTES, Zone};
use super::{HOURS_BYTES_MAX, Hours, INTERVALS_PER_DAY_MAX, Interval, SPECIAL_DAYS_MAX, Schedule, SpecialDay};

/// The years that a date may be in.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2999;
/// What of a text is repeated in an error, in characters.
const QUOTE_CHARS_MAX: usize = 40;

/// Why a text is not the hours of anything.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BadHours {
    /// Over [`HOURS_BYTES_MAX`].
    #[error("the hours are longer than {HOURS_BYTES_MAX} bytes")]
    TooLong,
    /// Not in the database.
    #[error("there is no time zone {0:?}; write it as in Europe/Berlin")]
    UnknownZone(String),
    /// Hours by the clock need one.
    #[error("the time zone is missing; add one as in zone Europe/Berlin")]
    NoZone,
    /// More than one.
    #[error("the time zone is given twice")]
    TwoZones,
    /// `always` with other rules.
    #[error("always stands alone, without other rules")]
    AlwaysAndMore,
    /// No interval at all.
    #[error("there is no rule that opens; write always, or hours as in Mon-Fri 09:00-17:00")]
    NeverOpen,
    /// A rule that begins like none.
    #[error("{0:?} is no rule; write as in Mon-Fri 09:00-17:00, closed 2026-12-25 or zone Europe/Berlin")]
    BadRule(String),
    /// Not a weekday, nor a span of them.
    #[error("{0:?} is no weekday; write as in Mon or Mon-Fri")]
    BadWeekday(String),
    /// Not in the calendar, or written otherwise.
    #[error("{0:?} is no date from 1970 to 2999; write as in 2026-12-25")]
    BadDate(String),
    /// Not two times of the day.
    #[error("{0:?} is no interval; write as in 09:00-17:00, or 22:00-02:00+1 for an end on the next day")]
    BadInterval(String),
    /// Its end is not after its start.
    #[error("{0:?} ends before it starts; write +1 behind an end on the next day, as in 22:00-02:00+1")]
    EndBeforeStart(String),
    /// Two intervals share a minute.
    #[error("on {day}, {first} and {second} overlap")]
    Overlap {
        /// Where the second begins.
        day: String,
        /// The earlier.
        first: String,
        /// The later.
        second: String,
    },
    /// Over [`INTERVALS_PER_DAY_MAX`].
    #[error("{0} has more than {INTERVALS_PER_DAY_MAX} intervals")]
    TooManyIntervals(String),
    /// Over [`SPECIAL_DAYS_MAX`].
    #[error("more than {SPECIAL_DAYS_MAX} dates have rules of their own; drop those that are past")]
    TooManyDays,
    /// A date in two rules.
    #[error("{0} stands in two rules; write all its intervals in one")]
    DateTwice(Date),
}

impl FromStr for Hours {
    type Err = BadHours;

    fn from_str(text: &str) -> Result<Hours, BadHours> {
        if text.len() > HOURS_BYTES_MAX {
            return Err(BadHours::TooLong);
        }
        let mut draft = Draft::default();
        let mut rules = text.split([';', '\n']).map(str::trim).filter(|rule| !rule.is_empty()).peekable();
        if rules.next_if_eq(&"always").is_some() {
            return if rules.peek().is_none() { Ok(Hours::Always) } else { Err(BadHours::AlwaysAndMore) };
        }
        for rule in rules {
            draft.take(rule)?;
        }
        draft.finish().map(Hours::ByClock)
    }
}

/// What was read so far.
#[derive(Default)]
struct Draft {
    zone: Option<Zone>,
    week: [Vec<Interval>; 7],
    special: Vec<SpecialDay>,
}

impl Draft {
    fn take(&mut self, rule: &str) -> Result<(), BadHours> {
        let (subject, rest) = rule.split_once(char::is_whitespace).unwrap_or((rule, ""));
        match subject {
            "always" => Err(BadHours::AlwaysAndMore),
            "zone" => self.take_zone(rest.trim()),
            "closed" => rest.split(',').try_for_each(|date| self.take_date(date_of(date.trim())?, Vec::new())),
            _ if rest.is_empty() => Err(BadHours::BadRule(quote(rule))),
            date if date.starts_with(|first: char| first.is_ascii_digit()) => {
                let day = date_of(date)?;
                self.take_date(day, intervals_of(rest, None)?)
            }
            weekdays => self.take_weekdays(weekdays, rest),
        }
    }

    fn take_zone(&mut self, name: &str) -> Result<(), BadHours> {
        if self.zone.is_some() {
            return Err(BadHours::TwoZones);
        }
        self.zone = Some(Zone::named(name).ok_or_else(|| BadHours::UnknownZone(quote(name)))?);
        Ok(())
    }

    fn take_date(&mut self, day: Date, intervals: Vec<Interval>) -> Result<(), BadHours> {
        let Err(place) = self.special.binary_search_by_key(&day, |special| special.day) else {
            return Err(BadHours::DateTwice(day));
        };
        if self.special.len() == SPECIAL_DAYS_MAX {
            return Err(BadHours::TooManyDays);
        }
        self.special.insert(place, SpecialDay { day, intervals: in_order(day, intervals)? });
        Ok(())
    }

    fn take_weekdays(&mut self, weekdays: &str, rest: &str) -> Result<(), BadHours> {
        for part in weekdays.split(',') {
            let (first, last) = part.split_once(['-', '–']).unwrap_or((part, part));
            let (Some(first), Some(last)) = (weekday_of(first), weekday_of(last)) else {
                return Err(BadHours::BadWeekday(quote(part)));
            };
            let alone = (first == last && part == weekdays).then_some(first);
            let intervals = intervals_of(rest, alone)?;
            for day in (0..=(last + 7 - first) % 7).map(|further| (first + further) % 7) {
                let together = [self.week[day].as_slice(), &intervals].concat();
                self.week[day] = in_order(WEEKDAYS[day], together)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Schedule, BadHours> {
        let Draft { zone, week, special } = self;
        if week.iter().chain(special.iter().map(|special| &special.intervals)).all(Vec::is_empty) {
            return Err(BadHours::NeverOpen);
        }
        for (day, intervals) in week.iter().enumerate() {
            let next = (day + 1) % 7;
            if let (Some(&night), Some(&morning)) = (intervals.last(), week[next].first())
                && night.to > DAY_MINUTES + morning.from
            {
                return Err(overlap(WEEKDAYS[next], night, morning));
            }
        }
        Ok(Schedule { zone: zone.ok_or(BadHours::NoZone)?, week, special })
    }
}

/// A day's intervals sorted; refused where they are too many or two share a minute.
fn in_order(day: impl ToString, mut intervals: Vec<Interval>) -> Result<Vec<Interval>, BadHours> {
    if intervals.len() > INTERVALS_PER_DAY_MAX {
        return Err(BadHours::TooManyIntervals(day.to_string()));
    }
    intervals.sort_unstable();
    match intervals.windows(2).find(|pair| pair[0].to > pair[1].from) {
        Some(pair) => Err(overlap(day, pair[0], pair[1])),
        None => Ok(intervals),
    }
}

fn overlap(day: impl ToString, first: Interval, second: Interval) -> BadHours {
    BadHours::Overlap { day: day.to_string(), first: first.to_string(), second: second.to_string() }
}

/// The intervals of a rule. `alone` is its weekday where it has one only: an end may then name the next.
fn intervals_of(list: &str, alone: Option<usize>) -> Result<Vec<Interval>, BadHours> {
    list.split(',').map(|text| interval_of(text.trim(), alone)).collect()
}

fn interval_of(text: &str, alone: Option<usize>) -> Result<Interval, BadHours> {
    let parts = text.split_once(['-', '–']).map(|(from, to)| (from.trim(), to.trim()));
    let read = parts.and_then(|(from, to)| Some((minute_of(from)?, end_of(to, alone)?)));
    match read {
        None | Some((DAY_MINUTES.., _)) => Err(BadHours::BadInterval(quote(text))),
        Some((from, to)) if to <= from => Err(BadHours::EndBeforeStart(quote(text))),
        Some((from, to)) => Ok(Interval { from, to }),
    }
}

/// The end of an interval: a time of the day, or of the next with `+1` behind it or that weekday before it.
fn end_of(text: &str, alone: Option<usize>) -> Option<u16> {
    let next_day = |time: &str| minute_of(time).filter(|minute| *minute < DAY_MINUTES).map(|to| to + DAY_MINUTES);
    if let Some(time) = text.strip_suffix("+1") {
        return next_day(time);
    }
    match (text.split_once(' '), alone) {
        (None, _) => minute_of(text),
        (Some((weekday, time)), Some(day)) if weekday_of(weekday)? == (day + 1) % 7 => next_day(time.trim_start()),
        (Some(_), _) => None,
    }
}

/// `00:00` to `24:00` as minutes.
fn minute_of(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= DAY_MINUTES).then_some(of_day)
}

fn date_of(text: &str) -> Result<Date, BadHours> {
    let parts = || {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let year = digits(year, 4)?.cast_signed();
        let (month, day) = (i8::try_from(digits(month, 2)?).ok()?, i8::try_from(digits(day, 2)?).ok()?);
        Date::new(year, month, day).ok().filter(|date| YEARS.contains(&date.year()))
    };
    parts().ok_or_else(|| BadHours::BadDate(quote(text)))
}

/// A number of exactly so many digits, at most four.
fn digits(text: &str, count: usize) -> Option<u16> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

fn weekday_of(name: &str) -> Option<usize> {
    WEEKDAYS.iter().position(|weekday| weekday.eq_ignore_ascii_case(name))
}

/// The beginning of a text, for an error.
fn quote(text: &str) -> String {
    text.chars().take(QUOTE_CHARS_MAX).collect()
}
