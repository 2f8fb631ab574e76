//! Business hours as rows: their text, the edges of a stretch, and what both clock changes make of them.

use jiff::Timestamp;

use super::*;

pub(super) const MINUTE: u64 = 60_000;
pub(super) const HOUR: u64 = 60 * MINUTE;

pub(super) fn hours(text: &str) -> Hours {
    text.parse().unwrap_or_else(|bad| panic!("{text}: {bad}"))
}

/// An instant, as in `2026-03-29 02:30+01`.
pub(super) fn at(text: &str) -> Time {
    let instant: Timestamp = text.parse().unwrap_or_else(|bad| panic!("{text}: {bad}"));
    Time::from_ms(u64::try_from(instant.as_millisecond()).unwrap())
}

fn before(time: Time) -> Time {
    Time::from_ms(time.ms() - 1)
}

/// The stretch that begins at or after an instant is this one, to the millisecond.
pub(super) fn check(hours: &Hours, after: &str, opens: &str, closes: &str) {
    let (opens, closes) = (at(opens), at(closes));
    let case = format!("{hours} after {after}");
    assert_eq!(hours.opens_at(before(at(after))), Some(opens), "{case}");
    assert_eq!(hours.closes_at(opens), Some(closes), "{case}");
    assert_eq!(hours.closes_at(before(closes)), Some(closes), "{case}");
    assert!(hours.is_open(opens) && hours.is_open(before(closes)), "{case}");
    assert!(!hours.is_open(before(opens)) && !hours.is_open(closes), "{case}");
    assert_eq!(hours.open_ms_between(opens, closes), closes.ms() - opens.ms(), "{case}");
}

/// B25
#[test]
fn each_text_reads_as_its_shortest_form() {
    let rows = [
        ("always", "always"),
        (" always\n", "always"),
        ("zone utc; mon 09:00-17:00", "Mon 09:00-17:00; zone UTC"),
        ("Mon 13:00-17:00, 09:00-12:00\nzone europe/berlin\n", "Mon 09:00-12:00, 13:00-17:00; zone Europe/Berlin"),
        ("Mon,Tue 09:00-12:00; Tue,Mon 13:00 – 17:00; zone UTC", "Mon-Tue 09:00-12:00, 13:00-17:00; zone UTC"),
        ("Sat-Mon 10:00-14:00; zone UTC", "Mon 10:00-14:00; Sat-Sun 10:00-14:00; zone UTC"),
        ("Fri 22:00-Sat 02:00; zone UTC", "Fri 22:00-02:00+1; zone UTC"),
        ("Sun 22:00-mon 00:00; zone UTC", "Sun 22:00-24:00; zone UTC"),
        ("Mon-Sun 22:00-00:00+1; zone UTC", "Mon-Sun 22:00-24:00; zone UTC"),
        (
            "closed 2027-01-01, 2026-12-25; 2026-12-24 09:00-12:00; Mon-Fri 09:00-17:00; zone America/New_York",
            "Mon-Fri 09:00-17:00; 2026-12-24 09:00-12:00; closed 2026-12-25; closed 2027-01-01; zone America/New_York",
        ),
    ];
    for (written, shortest) in rows {
        assert_eq!(hours(written).to_string(), shortest);
        assert_eq!(hours(shortest), hours(written));
    }
}

/// B25
#[test]
fn a_bad_text_is_refused_with_words_that_name_it() {
    let rows = [
        ("", "no rule that opens"),
        ("zone UTC", "no rule that opens"),
        ("closed 2026-12-25; zone UTC", "no rule that opens"),
        ("Mon 09:00-17:00", "the time zone is missing"),
        ("Mon 09:00-17:00; zone UTC; zone UTC", "the time zone is given twice"),
        ("always; zone UTC", "always stands alone"),
        ("Mon 09:00-17:00; always", "always stands alone"),
        ("Mon 09:00-17:00; zone Europe/Bielefeld", "no time zone \"Europe/Bielefeld\""),
        ("Mon 09:00-17:00; zone", "no time zone \"\""),
        ("Mon 09:00-17:00; zone CET-1CEST", "no time zone \"CET-1CEST\""),
        ("Mon 09:00-17:00; zone Etc/Unknown", "no time zone \"Etc/Unknown\""),
        ("Mon 09:00-17:00; zone ../../etc/passwd", "no time zone"),
        ("open", "\"open\" is no rule"),
        ("Mon", "\"Mon\" is no rule"),
        ("Someday 09:00-17:00", "\"Someday\" is no weekday"),
        ("Mon-Funday 09:00-17:00", "\"Mon-Funday\" is no weekday"),
        ("Mon 9:00-17:00", "\"9:00-17:00\" is no interval"),
        ("Mon 09:00-17:60", "\"09:00-17:60\" is no interval"),
        ("Mon 09:00-24:01", "\"09:00-24:01\" is no interval"),
        ("Mon 24:00-01:00+1", "\"24:00-01:00+1\" is no interval"),
        ("Mon 09:00-24:00+1", "\"09:00-24:00+1\" is no interval"),
        ("Mon 09:00-17:00+2", "\"09:00-17:00+2\" is no interval"),
        ("Mon 09:00-17:00,", "\"\" is no interval"),
        ("Mon 22:00-Wed 02:00", "\"22:00-Wed 02:00\" is no interval"),
        ("Mon-Tue 22:00-Wed 02:00", "\"22:00-Wed 02:00\" is no interval"),
        ("Mon 17:00-09:00", "\"17:00-09:00\" ends before it starts"),
        ("Mon 09:00-09:00", "\"09:00-09:00\" ends before it starts"),
        ("closed", "\"\" is no date"),
        ("closed 2026-02-29", "\"2026-02-29\" is no date"),
        ("closed 26-12-25", "\"26-12-25\" is no date"),
        ("closed 20261225", "\"20261225\" is no date"),
        ("closed 1969-12-31", "\"1969-12-31\" is no date"),
        ("closed 3000-01-01", "\"3000-01-01\" is no date"),
        ("2026-13-01 09:00-12:00", "\"2026-13-01\" is no date"),
        ("closed 2026-12-25; 2026-12-25 09:00-12:00", "2026-12-25 stands in two rules"),
        ("Mon 09:00-12:00, 11:59-13:00", "on Mon, 09:00-12:00 and 11:59-13:00 overlap"),
        ("Mon-Fri 09:00-12:00; Wed 08:00-09:01", "on Wed, 08:00-09:01 and 09:00-12:00 overlap"),
        ("Sun 22:00-02:00+1; Mon 01:00-03:00; zone UTC", "on Mon, 22:00-02:00+1 and 01:00-03:00 overlap"),
        ("2026-12-24 09:00-12:00, 10:00-11:00", "on 2026-12-24, 09:00-12:00 and 10:00-11:00 overlap"),
    ];
    for (text, words) in rows {
        let bad = text.parse::<Hours>().expect_err(text).to_string();
        assert!(bad.contains(words), "{text}: {bad}");
    }
}

/// B25
#[test]
fn what_is_too_much_is_refused_by_a_named_limit() {
    let list = |count: usize| (0..count).map(|hour| format!("{hour:02}:00-{hour:02}:30")).collect::<Vec<_>>().join(",");
    let days = |count: usize| {
        let (few, first) = (list(INTERVALS_PER_DAY_MAX), jiff::civil::date(2026, 1, 1));
        let days = first.series(jiff::Span::new().days(1)).take(count);
        days.map(|day| format!("{day} {few}\n")).collect::<String>() + "zone America/Argentina/ComodRivadavia"
    };
    let largest = hours(&days(SPECIAL_DAYS_MAX));
    let text = largest.to_string();
    assert!(text.len() < HOURS_BYTES_MAX - 7 * 120, "a full week must still fit: {}", text.len());
    assert_eq!(hours(&text), largest);

    let refused = |text: String| text.parse::<Hours>().expect_err("over the limit");
    assert_eq!(refused(days(SPECIAL_DAYS_MAX + 1)), BadHours::TooManyDays);
    let many = list(INTERVALS_PER_DAY_MAX + 1);
    assert_eq!(refused(format!("Tue {many}; zone UTC")), BadHours::TooManyIntervals("Tue".into()));
    assert_eq!(refused(" ".repeat(HOURS_BYTES_MAX + 1)), BadHours::TooLong);
    assert!(refused("é".repeat(5_000)).to_string().len() < deskwire_protocol::limits::DETAIL_BYTES_MAX);
}

/// B25
#[test]
fn a_week_has_the_stretches_that_its_text_says() {
    let desk = hours(
        "Mon-Fri 09:00-12:00, 12:00-17:00; Fri 22:00-02:00+1; Sat 10:00-14:00; closed 2026-12-25; \
         2026-12-24 09:00-12:00; zone Europe/Berlin",
    );
    check(&desk, "2026-11-16 00:00+01", "2026-11-16 09:00+01", "2026-11-16 17:00+01");
    check(&desk, "2026-11-20 17:00+01", "2026-11-20 22:00+01", "2026-11-21 02:00+01");
    check(&desk, "2026-11-21 02:00+01", "2026-11-21 10:00+01", "2026-11-21 14:00+01");
    check(&desk, "2026-11-21 14:00+01", "2026-11-23 09:00+01", "2026-11-23 17:00+01");
    check(&desk, "2026-12-24 00:00+01", "2026-12-24 09:00+01", "2026-12-24 12:00+01");
    // The Friday is closed, and so is its night.
    check(&desk, "2026-12-24 12:00+01", "2026-12-26 10:00+01", "2026-12-26 14:00+01");
    // While it is open, the next opening is the one after the break.
    assert_eq!(desk.opens_at(at("2026-11-20 12:00+01")), Some(at("2026-11-20 22:00+01")));
    assert_eq!(desk.closes_at(at("2026-11-20 21:00+01")), None);
    let week = desk.open_ms_between(at("2026-11-16 00:00+01"), at("2026-11-23 00:00+01"));
    assert_eq!(week, (5 * 8 + 4 + 4) * HOUR);
    assert_eq!(desk.open_ms_between(at("2026-11-23 00:00+01"), at("2026-11-16 00:00+01")), 0);
}

/// B25
#[test]
fn the_night_before_a_closed_day_runs_to_its_end() {
    let bar =
        hours("Thu-Fri 20:00-02:00+1; closed 2026-12-25; 2026-12-31 20:00-04:00+1; 2027-01-01 03:00-06:00; zone UTC");
    check(&bar, "2026-12-24 00:00Z", "2026-12-24 20:00Z", "2026-12-25 02:00Z");
    // Dates that meet are one stretch; the second date's rule stands in for its evening too.
    check(&bar, "2026-12-25 02:00Z", "2026-12-31 20:00Z", "2027-01-01 06:00Z");
    check(&bar, "2027-01-01 06:00Z", "2027-01-07 20:00Z", "2027-01-08 02:00Z");
}

/// B25
#[test]
fn what_never_closes_or_opens_says_none() {
    let now = at("2026-11-21 12:00Z");
    assert_eq!((Hours::Always.closes_at(now), Hours::Always.opens_at(now)), (None, None));
    assert_eq!(Hours::Always.open_ms_between(now, Time::from_ms(now.ms() + 5)), 5);
    let whole = hours("Mon-Sun 00:00-24:00; zone Europe/Berlin");
    assert!(whole.is_open(now));
    assert_eq!((whole.closes_at(now), whole.opens_at(now)), (None, None));
    let by_night = hours("Mon-Sun 08:00-08:00+1; zone Europe/Berlin");
    assert_eq!((by_night.closes_at(now), by_night.opens_at(now)), (None, None));

    let but_once = hours("Mon-Sun 00:00-24:00; 2026-12-24 00:00-24:00; closed 2027-11-30; zone Europe/Berlin");
    assert_eq!(but_once.closes_at(now), Some(at("2027-11-30 00:00+01")));
    assert_eq!(but_once.opens_at(now), Some(at("2027-12-01 00:00+01")));
    assert_eq!(but_once.closes_at(at("2027-12-01 00:00+01")), None);
    let too_far = hours("2026-11-20 09:00-17:00; 2028-01-01 09:00-17:00; zone UTC");
    assert_eq!(too_far.opens_at(now), None);
    assert_eq!(too_far.opens_at(at("2027-06-01 00:00Z")), Some(at("2028-01-01 09:00Z")));
}

/// B31
#[test]
fn the_last_entry_is_so_long_before_the_end_of_the_stretch() {
    let desk = hours("Mon 09:00-12:00, 12:00-17:00, 18:00-18:30; zone Europe/Berlin");
    let rows = [
        ("08:59", 0, false),
        ("09:00", 0, true),
        ("11:59", 30, true),
        ("16:29", 30, true),
        ("16:30", 30, false),
        ("16:59", 0, true),
        ("17:00", 0, false),
        ("18:00", 29, true),
        ("18:00", 30, false),
    ];
    for (clock, minutes, taken) in rows {
        let now = at(&format!("2026-11-23 {clock}+01"));
        assert_eq!(desk.last_entry(now, minutes * MINUTE), taken, "{clock}, {minutes} min before");
    }
    let now = at("2026-11-23 09:00+01");
    assert!(!desk.last_entry(now, u64::MAX));
    assert!(Hours::Always.last_entry(now, u64::MAX));
    assert!(hours("Mon-Sun 00:00-24:00; zone UTC").last_entry(now, HOUR));
}

/// B25
#[test]
fn any_time_has_an_answer() {
    let desk = hours("Mon-Sun 22:00-20:00+1; closed 1970-01-01; zone Pacific/Apia");
    for ms in [0, 1, LAST_DAY_MS, LAST_DAY_MS + 1, u64::MAX] {
        let now = Time::from_ms(ms);
        desk.is_open(now);
        desk.opens_at(now);
        desk.closes_at(now);
        desk.open_ms_between(now, Time::from_ms(now.ms() + 1));
    }
}

/// The end of what the calendar of the tests goes to.
const LAST_DAY_MS: u64 = 221_845_392_000_000;
