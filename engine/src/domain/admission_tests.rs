//! Admission against the rules said once more, for every floor; and the clock at both ends of the day.

use proptest::prelude::*;

use super::*;

/// Midnight of Thursday, 1 January 1970 in UTC, and so many minutes.
fn at(minutes: u64) -> Time {
    Time::from_ms(minutes * 60_000)
}

fn office(last_entry_min: u32) -> Rules {
    let hours = "Mon-Fri 09:00-17:00; closed 1970-01-02; zone UTC".parse().unwrap();
    Rules { hours, last_entry_min, ..Rules::default() }
}

fn any_duty() -> impl Strategy<Value = Duty> {
    prop::sample::select(vec![Duty::Unknown, Duty::Nobody, Duty::Full, Duty::Free])
}

prop_compose! {
    fn any_case()(minute in 0_u64..2_880, entry in 0_u32..120, max in 0_u32..4, full in any::<bool>(),
                  duty in any_duty(), waiting in 0_usize..6) -> (Rules, Floor, u64) {
        let when_full = if full { WhenFull::Unavailable } else { WhenFull::Queue };
        (Rules { queue_max: max, when_full, ..office(entry) }, Floor { duty, waiting }, minute)
    }
}

proptest! {
    /// B05, B25, B31: nobody is let in out of hours or where nobody is on duty, and nobody is turned away without cause.
    #[test]
    fn a_chat_is_let_in_exactly_where_the_rules_let_it((rules, floor, minute) in any_case()) {
        let open = (540..1_020).contains(&minute) && minute + u64::from(rules.last_entry_min) < 1_020;
        let full = floor.duty == Duty::Full && rules.when_full == WhenFull::Unavailable;
        let crowded = rules.queue_max > 0 && floor.waiting >= rules.queue_max as usize && floor.duty != Duty::Free;
        let taken = open && floor.duty != Duty::Nobody && !full && !crowded;
        let found = admission(&rules, floor, None, at(minute));
        prop_assert_eq!(found == Admission::Admit, taken, "{:?}", found);
        prop_assert!(floor.duty != Duty::Unknown || found != Admission::TurnAway(Closure::Nobody));
    }

    /// B31: another category takes a chat only where its own does not, and only one that it would let in itself.
    #[test]
    fn another_category_helps_out_where_it_would_let_in_itself((own, floor, minute) in any_case(), (help, there, _) in any_case()) {
        let alone = admission(&own, floor, None, at(minute));
        let helped = admission(&own, floor, Some((CategoryId(2), &help, there)), at(minute));
        let would = admission(&help, there, None, at(minute)) == Admission::Admit;
        let expected = match alone {
            Admission::TurnAway(_) if would => Admission::Overflow(CategoryId(2)),
            Admission::Admit | Admission::Overflow(_) | Admission::TurnAway(_) => alone,
        };
        prop_assert_eq!(helped, expected);
    }
}

/// B25, B31: the edges to the minute, the last entry and the holiday.
#[test]
fn the_day_begins_and_ends_on_the_minute() {
    let (rules, floor) = (office(15), Floor { duty: Duty::Free, waiting: 0 });
    for (minute, expected) in [
        (539, Some(Closure::Closed)),
        (540, None),
        (1_004, None),
        (1_005, Some(Closure::Ending)),
        (1_019, Some(Closure::Ending)),
        (1_020, Some(Closure::Closed)),
        (1_440 + 600, Some(Closure::Closed)),
    ] {
        assert_eq!(closure(&rules, floor, at(minute)), expected, "minute {minute}");
    }
}
