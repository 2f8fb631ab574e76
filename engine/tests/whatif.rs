//! What if: an hour that was recorded, run again from what was seen of it, and with changes.
//!
//! The recorded hour is made by a floor of the test's own (`floor`): lognormal handling times with a mean of six minutes
//! and a sigma of 0.8, Poisson arrivals, customers who lose their patience after an exponential time with a mean of
//! four minutes. What is run again has its seed from elsewhere and knows only what was seen.

#[path = "whatif/floor.rs"]
mod floor;

use std::collections::BTreeMap;

use deskwire::domain::event::CategoryId;
use deskwire::domain::whatif::{Changes, Curves, Question, Seen, ask};

use floor::{CATEGORY, Hour, hour};

fn run(hour: &Hour, changes: &Changes, runs: u32) -> Curves {
    run_within(&BTreeMap::new(), hour, changes, runs)
}

fn run_within(within_ms: &BTreeMap<CategoryId, u64>, hour: &Hour, changes: &Changes, runs: u32) -> Curves {
    let seen = BTreeMap::from([(
        CATEGORY,
        Seen {
            gaps_ms: hour.gaps_ms.clone(),
            handled_ms: hour.handled_ms.clone(),
            waits: hour.waits.clone(),
            needs: Vec::new(),
        },
    )]);
    let (matcher, now) = (&hour.at_its_beginning, hour.began);
    let seen = &seen;
    ask(&Question { matcher, now, seen, within_ms, minutes: 60, runs, seed: 99, of: None }, changes)
}

#[test]
fn a_recorded_hour_run_unchanged_has_about_its_service_level() {
    for (seed, per_minute) in [(1, 9.0), (2, 9.5), (3, 10.0), (4, 10.5), (5, 11.0), (6, 12.0)] {
        let hour = hour(seed, per_minute, 20);
        let again = run(&hour, &Changes::default(), 16);
        let (real, found) = (hour.service_level() * 100.0, again.service_level() * 100.0);
        let (left, leave) = (hour.abandonment() * 100.0, again.abandonment() * 100.0);
        println!(
            "seed {seed}, {per_minute} a minute: service level {real:.1} %, run again {found:.1} %; abandoned \
             {left:.1} %, run again {leave:.1} %"
        );
        assert!((real - found).abs() <= 5.0, "seed {seed}: {real:.1} % was {found:.1} %");
        assert_eq!(again.minutes.len(), 60);
    }
}

#[test]
fn more_agents_more_slots_and_help_shorten_the_queue() {
    let hour = hour(1, 12.0, 20);
    let unchanged = run(&hour, &Changes::default(), 4);
    let better = [Changes { agents_more: 3, ..Changes::default() }, Changes { slots: Some(4), ..Changes::default() }];
    for changes in better {
        let curves = run(&hour, &changes, 4);
        assert!(curves.service_level() > unchanged.service_level() + 0.05, "{changes:?}");
        assert!(curves.abandonment() < unchanged.abandonment());
    }
    assert_eq!(run(&hour, &Changes::default(), 4), unchanged, "the same question has the same answer");
    let overflow = vec![(CATEGORY, CategoryId(2), 60_000)];
    let helped = run(&hour, &Changes { overflow, ..Changes::default() }, 4);
    assert!(helped.abandonment() < unchanged.abandonment(), "two agents of another category help out");
}

/// What counts as in time is the category's to say; that changes nothing else.
#[test]
fn in_time_is_what_the_category_says() {
    let hour = hour(5, 11.0, 20);
    let levels = [1, 20_000, 60_000, u64::MAX].map(|within_ms| {
        let curves = run_within(&BTreeMap::from([(CATEGORY, within_ms)]), &hour, &Changes::default(), 4);
        (curves.service_level(), curves.abandonment())
    });
    let unsaid = run(&hour, &Changes::default(), 4);
    assert_eq!(levels[1], (unsaid.service_level(), unsaid.abandonment()), "twenty seconds where it says nothing");
    assert!(levels.is_sorted_by(|one, next| one.0 < next.0 && one.1 == next.1), "{levels:?}");
    assert!((levels[3].0 + levels[3].1 - 1.0).abs() < 1e-9, "all who were served were so in time");
}
