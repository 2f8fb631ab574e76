//! The fold against a direct count: random tickets, and what anybody would count of them by hand.

use deskwire_protocol::Priority;
use proptest::prelude::*;

use super::*;

const CATEGORIES: u16 = 2;
const WITHIN_MS: u64 = 20_000;

/// What was seen of one ticket's first waits, kept as a list.
#[derive(Debug)]
struct Ended {
    category: CategoryId,
    at: Time,
    waited_ms: u64,
    by: Option<WaitEnd>,
}

fn facts(ticket: u64, category: u16, phase: Phase, at: Time) -> Facts {
    Facts {
        ticket: TicketId(ticket),
        seq: 1,
        stage: StageName::Waiting,
        round: 1,
        agent: None,
        customer: PersonId(1_000 + ticket),
        category: CategoryId(category),
        priority: Priority::Normal,
        arrived: at,
        since: at,
        phase,
        reachable: false,
        skills: Vec::new(),
        wrap_up_until: None,
        told: Default::default(),
        hands: Default::default(),
        name: String::new(),
        subject: String::new(),
    }
}

fn next(facts: &Facts, stage: StageName, at: Time) -> Facts {
    let agent = if stage == StageName::Assigned { Some(PersonId(7)) } else { facts.agent };
    let arrived = if stage == StageName::Reopened { at } else { facts.arrived };
    let waits = matches!(stage, StageName::Waiting | StageName::Reopened);
    Facts {
        seq: facts.seq + 1,
        stage,
        agent,
        arrived,
        since: at,
        round: facts.round + u32::from(waits),
        ..facts.clone()
    }
}

/// What may follow a stage.
fn follows(stage: StageName, choice: u8) -> StageName {
    use StageName::{Abandoned, Assigned, Closed, OnHold, Rejected, Reopened, Waiting};
    let all: &[StageName] = match stage {
        Waiting | Reopened => &[Assigned, Assigned, Assigned, Abandoned, Rejected],
        Assigned | StageName::Pending => &[OnHold, Closed, Waiting],
        OnHold => &[Assigned, Closed],
        Closed | Rejected | Abandoned => &[Reopened],
    };
    all[usize::from(choice) % all.len()]
}

fn by_hand(ended: &[Ended], category: CategoryId, now: Time) -> Counts {
    let minute = |time: Time| time.ms() / 60_000;
    let inside = |one: &&Ended| one.category == category && minute(one.at) + WINDOW_MINUTES as u64 > minute(now);
    let ended: Vec<&Ended> = ended.iter().filter(inside).collect();
    let count = |is: &dyn Fn(&Ended) -> bool| ended.iter().filter(|one| is(one)).count() as u32;
    Counts {
        answered: count(&|one| one.by == Some(WaitEnd::Served)),
        in_time: count(&|one| one.by == Some(WaitEnd::Served) && one.waited_ms <= WITHIN_MS),
        abandoned: count(&|one| one.by == Some(WaitEnd::Abandoned)),
        abandoned_short: count(&|one| one.by == Some(WaitEnd::Abandoned) && one.waited_ms <= SHORT_MS),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Part 6: after every change each category's figures are those that a list of all that happened gives.
    #[test]
    fn the_floors_figures_are_those_of_a_direct_count(
        steps in prop::collection::vec((0_u64..12, any::<u8>(), 0_u64..200_000), 1..300),
    ) {
        let mut floor = Floor::new(Time::from_ms(0));
        let mut tickets: BTreeMap<u64, Facts> = BTreeMap::new();
        let (mut ended, mut now) = (Vec::new(), Time::from_ms(1));
        for (ticket, choice, later_ms) in steps {
            now = Time::from_ms(now.ms() + if later_ms < 150_000 { later_ms / 20 } else { later_ms * 4 });
            let before = tickets.get(&ticket).cloned();
            let phase = if ticket % 4 == 3 { Phase::Asynchronous } else { Phase::Live };
            let after = match &before {
                None => facts(ticket, (ticket % u64::from(CATEGORIES)) as u16, phase, now),
                Some(before) => next(before, follows(before.stage, choice), now),
            };
            floor.follow(before.as_ref(), Some(&after), WITHIN_MS, now);
            if let Some(before) = before.as_ref().filter(|before| before.is_waiting() && phase == Phase::Live) {
                let first = before.stage == StageName::Reopened || before.round == 1;
                let by = match after.stage {
                    StageName::Assigned => Some(WaitEnd::Served),
                    StageName::Abandoned => Some(WaitEnd::Abandoned),
                    StageName::Waiting
                    | StageName::Pending
                    | StageName::OnHold
                    | StageName::Closed
                    | StageName::Rejected
                    | StageName::Reopened => None,
                };
                let waited_ms = now.ms() - before.arrived.ms();
                ended.extend(first.then_some(Ended { category: after.category, at: now, waited_ms, by }));
            }
            tickets.insert(ticket, after);
            for category in (0..CATEGORIES).map(CategoryId) {
                let waiting = tickets.values().filter(|one| one.category == category && one.is_waiting());
                let count = |phase| waiting.clone().filter(|one| one.phase == phase).count() as u32;
                let found = floor.waiting(category);
                prop_assert_eq!(found.tickets, PerPhase { live: count(Phase::Live), asynchronous: count(Phase::Asynchronous) });
                prop_assert_eq!(found.oldest, waiting.clone().map(|one| one.arrived).min());
                prop_assert_eq!(floor.counts(category, now), by_hand(&ended, category, now));
            }
        }
        let later = Time::from_ms(now.ms() + 60_000 * WINDOW_MINUTES as u64);
        prop_assert_eq!(floor.counts(CategoryId(0), later), Counts::default());
    }
}

#[test]
fn shares_follow_the_formulas() {
    let counts = Counts { answered: 6, in_time: 4, abandoned: 4, abandoned_short: 2 };
    assert_eq!((counts.service_level(), counts.service_level_without_short(), counts.abandonment()), (400, 500, 400));
    let none = Counts::default();
    assert_eq!((none.service_level(), none.service_level_without_short(), none.abandonment()), (1_000, 1_000, 0));
}

/// What came and went between two reports is counted by what is known of it.
#[test]
fn changes_that_were_heard_as_one_are_counted_once() {
    let at = |s: u64| Time::from_ms(s * 1_000);
    let opened = facts(1, 0, Phase::Live, at(10));
    let closed = next(&next(&opened, StageName::Assigned, at(15)), StageName::Closed, at(18));
    let back = next(&next(&opened, StageName::Assigned, at(15)), StageName::Waiting, at(40));
    for (after, in_time) in [(&closed, 1), (&back, 0)] {
        let mut floor = Floor::new(at(0));
        floor.follow(None, Some(&opened), WITHIN_MS, at(10));
        let heard = after.since;
        floor.follow(Some(&opened), Some(after), WITHIN_MS, heard);
        let counts = floor.counts(CategoryId(0), heard);
        assert_eq!((counts.answered, counts.in_time, counts.abandoned), (1, in_time, 0));
        let gone = next(after, StageName::Abandoned, at(60));
        floor.follow(Some(after), Some(&gone), WITHIN_MS, at(60));
        assert_eq!(floor.counts(CategoryId(0), at(60)).abandoned, 0, "it was answered before");
    }
}

/// A ticket that is set aside waits no longer, and counts as nothing.
#[test]
fn what_is_set_aside_waits_no_longer() {
    let mut floor = Floor::default();
    let opened = facts(1, 0, Phase::Live, Time::from_ms(5));
    floor.follow(None, Some(&opened), WITHIN_MS, Time::from_ms(5));
    floor.follow(Some(&opened), None, WITHIN_MS, Time::from_ms(6));
    assert_eq!(floor.waiting(CategoryId(0)), Waiting::default());
    floor.follow(None, Some(&opened), WITHIN_MS, Time::from_ms(7));
    assert_eq!(floor.waiting(CategoryId(0)).oldest, Some(Time::from_ms(5)));
}

/// What a what-if draws from is bounded and is what happened.
#[test]
fn the_past_is_what_was_seen_and_no_longer_than_it_may_be() {
    let at = |n: u64| Time::from_ms(n * 1_000);
    let mut floor = Floor::new(at(0));
    for n in 1..=2 * PAST_MAX as u64 {
        let opened = facts(n, 0, Phase::Live, at(10 * n));
        let given = next(&opened, StageName::Assigned, at(10 * n + 3));
        let closed = next(&given, StageName::Closed, at(10 * n + 7));
        floor.follow(None, Some(&opened), WITHIN_MS, at(10 * n));
        floor.follow(Some(&opened), Some(&given), WITHIN_MS, at(10 * n + 3));
        floor.follow(Some(&given), Some(&closed), WITHIN_MS, at(10 * n + 7));
    }
    let (_, past) = floor.past().next().unwrap();
    let all = [past.gaps_ms.len(), past.handled_ms.len(), past.waits.len(), past.skills.len()];
    assert_eq!(all, [PAST_MAX; 4]);
    assert!(past.gaps_ms.iter().all(|ms| *ms == 10_000) && past.handled_ms.iter().all(|ms| *ms == 4_000));
    let half = Time::from_ms(floor.began().ms() + 5 * 60_000);
    let mut few = Past::default();
    assert!(few.gaps_until(floor.began(), half).is_empty(), "nobody came, nobody comes");
    (1..=4).for_each(|n| few.arrived(at(n), Vec::new()));
    assert_eq!(few.gaps_until(floor.began(), half), [1_000, 1_000, 1_000, 597_000], "four in ten minutes");
    assert_eq!(past.gaps_until(floor.began(), at(20 * PAST_MAX as u64)).last(), Some(&0));
    assert!(past.waits.iter().all(|wait| *wait == (3_000, WaitEnd::Served)) && floor.worked.is_empty());
}
