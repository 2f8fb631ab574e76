//! What both clock changes make of business hours, place by place.

use super::tests::{HOUR, MINUTE, at, check, hours};

/// The stretch of a place's text that opens after an instant: text, after, opens, closes.
type Row = (&'static str, &'static str, &'static str, &'static str);

fn check_all(zone: &str, rows: &[Row]) {
    for (text, after, opens, closes) in rows {
        check(&hours(&format!("{text}; zone {zone}")), after, opens, closes);
    }
}

/// B25
#[test]
fn in_berlin_both_changes_move_the_edges_as_said() {
    check_all(
        "Europe/Berlin",
        &[
            // The hour after 02:00 is skipped.
            ("Sun 02:30-08:00", "2026-03-29 00:00+01", "2026-03-29 03:00+02", "2026-03-29 08:00+02"),
            ("Sun 01:00-02:30", "2026-03-29 00:00+01", "2026-03-29 01:00+01", "2026-03-29 03:00+02"),
            ("Sun 02:00-03:00", "2026-03-29 00:00+01", "2026-04-05 02:00+02", "2026-04-05 03:00+02"),
            ("Sun 02:15-02:45, 05:00-06:00", "2026-03-29 00:00+01", "2026-03-29 05:00+02", "2026-03-29 06:00+02"),
            ("Sun 01:00-02:15, 02:45-04:00", "2026-03-29 00:00+01", "2026-03-29 01:00+01", "2026-03-29 04:00+02"),
            ("Sat 22:00-04:00+1", "2027-03-27 00:00+01", "2027-03-27 22:00+01", "2027-03-28 04:00+02"),
            ("Sun 02:30-08:00", "2027-03-28 00:00+01", "2027-03-28 03:00+02", "2027-03-28 08:00+02"),
            // The hour after 02:00 comes twice.
            ("Sun 02:30-08:00", "2026-10-25 00:00+02", "2026-10-25 02:30+02", "2026-10-25 08:00+01"),
            ("Sun 01:00-02:30", "2026-10-25 00:00+02", "2026-10-25 01:00+02", "2026-10-25 02:30+01"),
            ("Sun 02:15-02:45", "2026-10-25 00:00+02", "2026-10-25 02:15+02", "2026-10-25 02:45+01"),
            ("Sun 00:00-02:00", "2026-10-25 00:00+02", "2026-10-25 00:00+02", "2026-10-25 02:00+01"),
            ("Sun 02:15-02:30, 02:45-04:00", "2026-10-25 00:00+02", "2026-10-25 02:15+02", "2026-10-25 04:00+01"),
            ("Sun 03:00-04:00", "2026-10-25 00:00+02", "2026-10-25 03:00+01", "2026-10-25 04:00+01"),
            ("Sat 22:00-04:00+1", "2027-10-30 00:00+02", "2027-10-30 22:00+02", "2027-10-31 04:00+01"),
            ("Sun 01:00-02:30", "2027-10-31 00:00+02", "2027-10-31 01:00+02", "2027-10-31 02:30+01"),
            // Past the years that the database lists one by one.
            ("Sun 02:30-08:00", "2045-03-26 00:00+01", "2045-03-26 03:00+02", "2045-03-26 08:00+02"),
        ],
    );
}

/// B25
#[test]
fn in_new_york_both_changes_move_the_edges_as_said() {
    check_all(
        "America/New_York",
        &[
            ("Sun 02:30-08:00", "2026-03-08 00:00-05", "2026-03-08 03:00-04", "2026-03-08 08:00-04"),
            ("Sat 23:00-02:30+1", "2027-03-13 00:00-05", "2027-03-13 23:00-05", "2027-03-14 03:00-04"),
            ("Sun 01:30-08:00", "2026-11-01 00:00-04", "2026-11-01 01:30-04", "2026-11-01 08:00-05"),
            ("Sat 23:00-01:30+1", "2026-10-31 00:00-04", "2026-10-31 23:00-04", "2026-11-01 01:30-05"),
            ("Sat 23:00-01:30+1", "2027-11-06 00:00-04", "2027-11-06 23:00-04", "2027-11-07 01:30-05"),
        ],
    );
}

/// B25
#[test]
fn odd_places_keep_the_same_rules() {
    // Half an hour, and the other half of the year.
    check_all(
        "Australia/Lord_Howe",
        &[
            ("Sun 01:45-05:00", "2026-04-05 00:00+11", "2026-04-05 01:45+11", "2026-04-05 05:00+10:30"),
            ("Sun 02:15-05:00", "2026-10-04 00:00+10:30", "2026-10-04 02:30+11", "2026-10-04 05:00+11"),
        ],
    );
    // Midnight is skipped in spring and comes twice in autumn; the day before does not grow by that.
    check_all(
        "America/Havana",
        &[
            ("Sun 00:00-24:00", "2026-03-07 12:00-05", "2026-03-08 01:00-04", "2026-03-09 00:00-04"),
            ("Sat 00:00-24:00", "2026-10-30 12:00-04", "2026-10-31 00:00-04", "2026-11-01 00:00-04"),
            ("Sun 00:00-24:00", "2026-10-31 12:00-04", "2026-11-01 00:00-04", "2026-11-02 00:00-05"),
        ],
    );
    // Set back at midnight, into the day before.
    check_all(
        "Africa/Cairo",
        &[
            ("Thu 20:00-23:30", "2026-10-29 12:00+03", "2026-10-29 20:00+03", "2026-10-29 23:30+02"),
            ("Thu 00:00-24:00", "2026-10-28 12:00+03", "2026-10-29 00:00+03", "2026-10-30 00:00+02"),
            ("Fri 00:00-01:00", "2026-10-29 12:00+03", "2026-10-30 00:00+02", "2026-10-30 01:00+02"),
        ],
    );
    // Set back a minute after midnight: the day begins, and the one before comes again for an hour.
    check_all(
        "America/St_Johns",
        &[
            ("Sun 00:00-01:00", "2010-11-06 12:00-02:30", "2010-11-07 00:00-02:30", "2010-11-07 01:00-03:30"),
            ("Sat 22:00-23:30", "2010-11-06 12:00-02:30", "2010-11-06 22:00-02:30", "2010-11-06 23:30-03:30"),
        ],
    );
    // The Friday of that week was skipped whole.
    check_all(
        "Pacific/Apia",
        &[
            ("Fri 09:00-17:00", "2011-12-29 00:00-10", "2012-01-06 09:00+14", "2012-01-06 17:00+14"),
            ("Thu 22:00-02:00+1", "2011-12-29 00:00-10", "2011-12-29 22:00-10", "2011-12-31 00:00+14"),
            ("Sat 09:00-17:00", "2011-12-29 00:00-10", "2011-12-31 09:00+14", "2011-12-31 17:00+14"),
        ],
    );
    check_all(
        "Asia/Kolkata",
        &[
            ("Sun 02:30-08:00", "2026-03-29 00:00+05:30", "2026-03-29 02:30+05:30", "2026-03-29 08:00+05:30"),
            ("Sun 02:30-08:00", "2026-10-25 00:00+05:30", "2026-10-25 02:30+05:30", "2026-10-25 08:00+05:30"),
        ],
    );
}

/// B25
#[test]
fn a_whole_day_is_as_long_as_its_clocks_make_it() {
    let rows = [
        ("Europe/Berlin", "2026-03-28 12:00+01", 23 * HOUR),
        ("Europe/Berlin", "2026-10-24 12:00+02", 25 * HOUR),
        ("Europe/Berlin", "2027-03-27 12:00+01", 23 * HOUR),
        ("Europe/Berlin", "2027-10-30 12:00+02", 25 * HOUR),
        ("America/New_York", "2026-03-07 12:00-05", 23 * HOUR),
        ("America/New_York", "2026-10-31 12:00-04", 25 * HOUR),
        ("America/New_York", "2027-03-13 12:00-05", 23 * HOUR),
        ("America/New_York", "2027-11-06 12:00-04", 25 * HOUR),
        ("Australia/Lord_Howe", "2026-04-04 12:00+11", 24 * HOUR + 30 * MINUTE),
        ("Asia/Kolkata", "2026-03-28 12:00+05:30", 24 * HOUR),
        ("UTC", "2026-10-24 12:00Z", 24 * HOUR),
    ];
    for (zone, noon_before, long) in rows {
        let sunday = hours(&format!("Sun 00:00-24:00; zone {zone}"));
        let from = at(noon_before);
        let to = deskwire_protocol::Time::from_ms(from.ms() + 3 * 24 * HOUR);
        assert_eq!(sunday.open_ms_between(from, to), long, "{zone}, after {noon_before}");
        let all_week = hours(&format!("Mon-Sun 00:00-24:00; zone {zone}"));
        assert_eq!(all_week.open_ms_between(from, to), 3 * 24 * HOUR, "{zone}");
    }
    // No second is counted twice where two intervals overlap in the hour that comes again.
    let desk = hours("Sun 01:00-02:30, 02:30-04:00; zone Europe/Berlin");
    assert_eq!(desk.open_ms_between(at("2026-10-25 00:00+02"), at("2026-10-26 00:00+01")), 4 * HOUR);
}
