//! The Matcher's rules one by one, as a floor manager would put them.

use std::sync::Arc;

use deskwire::domain::event::CategoryId;
use deskwire::domain::matcher::{
    AgentProfile, Held, Hold, How, Match, Matcher, Mode, Need, Overflow, Policy, Presence, Request, Skill, SkillId,
    SkillStep, Skills, Slots,
};
use deskwire_protocol::{PersonId, Phase, Priority, Status, TicketId, Time};

fn at_work(matcher: &mut Matcher, profile: AgentProfile, now: Time) {
    let id = profile.id;
    matcher.set_agent(profile, now);
    matcher.set_presence(id, Presence::Here, now);
    matcher.set_status(id, Status::Available, now);
}

fn serves(id: u64, category: u16, live: u16) -> AgentProfile {
    let (categories, slots) = ([CategoryId(category)].into(), Slots { live, asynchronous: 0 });
    AgentProfile { categories, slots, ..AgentProfile::nobody(PersonId(id)) }
}

fn waits(ticket: u64, category: u16, priority: Priority, at: Time) -> Request {
    let (ticket, category, need) = (TicketId(ticket), CategoryId(category), Arc::default());
    let (last_agent, ignored) = (None, Vec::new());
    Request { ticket, category, priority, arrived: at, since: at, phase: Phase::Live, need, last_agent, ignored }
}

fn automatic(matcher: &mut Matcher, categories: &[u16], now: Time) {
    for category in categories {
        let policy = Policy { mode: Mode::Automatic, ..Policy::default() };
        matcher.set_policy(CategoryId(*category), policy, now);
    }
}

/// B16: urgent tickets arrive faster than one agent serves; what came before them is served all the same.
#[test]
fn nobody_starves() {
    let (one, old) = (PersonId(1), TicketId(0));
    let minute = |n: u64| Time::from_ms(1 + n * 60_000);
    let mut matcher = Matcher::default();
    automatic(&mut matcher, &[1], minute(0));
    matcher.wait(waits(0, 1, Priority::Low, minute(0)), minute(0));
    let mut passed = 0;
    for n in 0..200 {
        for id in [2 * n + 1, 2 * n + 2] {
            matcher.wait(waits(id, 1, Priority::Urgent, minute(n)), minute(n));
        }
        at_work(&mut matcher, serves(1, 1, 1), minute(n));
        let made = matcher.pair(minute(n)).expect("he is free");
        matcher.set_status(one, Status::Away, minute(n));
        matcher.leave(made.ticket, minute(n));
        if made.ticket == old {
            break;
        }
        passed += 1;
    }
    assert_eq!(passed, 60, "two a minute within three steps of ten minutes pass it, no more");
}

/// B16: the first of one category finds nobody, the first of another asks for what nobody can; the others are served.
#[test]
fn who_finds_nobody_stops_no_other() {
    let mut matcher = Matcher::default();
    let now = Time::from_ms(5);
    automatic(&mut matcher, &[1, 2], now);
    let rare = Skills::new([Skill { id: SkillId(9), level: 5 }]);
    let need = Arc::new(Need { steps: Vec::new(), finally: rare });
    matcher.wait(waits(1, 1, Priority::Urgent, Time::from_ms(1)), now);
    matcher.wait(Request { need, ..waits(2, 2, Priority::Urgent, Time::from_ms(2)) }, now);
    matcher.wait(waits(3, 2, Priority::Low, Time::from_ms(3)), now);
    at_work(&mut matcher, serves(7, 2, 1), now);
    let made = Match { ticket: TicketId(3), agent: PersonId(7), how: How::Assign };
    assert_eq!(matcher.pair(now), Some(made));
    assert_eq!(matcher.pair(now), None);
}

/// B03, B17: a ticket waits for its last agent while he is at work, then for anybody; it asks for less and less; another
/// category helps out at last.
#[test]
fn what_a_ticket_asks_for_relaxes_with_time() {
    let mut matcher = Matcher::default();
    let at = |s: u64| Time::from_ms(1_000_000 + s * 1_000);
    automatic(&mut matcher, &[1, 2], at(0));
    let overflow = Some(Overflow { to: CategoryId(2), after_ms: 60_000 });
    let policy = Policy { mode: Mode::Automatic, sticky_ms: 10_000, overflow };
    matcher.set_policy(CategoryId(1), policy, at(0));
    let skill = |level| Skills::new([Skill { id: SkillId(4), level }]);
    let steps = vec![SkillStep { skills: skill(4), for_ms: 20_000 }, SkillStep { skills: skill(2), for_ms: 20_000 }];
    let need = Arc::new(Need { steps, finally: skill(1) });
    // The last agent is at work and full; others have the skill at 4, 2 and not at all, the last in the other category.
    at_work(&mut matcher, serves(1, 1, 0), at(0));
    for (id, category, level) in [(4, 1, 4), (2, 1, 2), (9, 2, 1)] {
        at_work(&mut matcher, AgentProfile { skills: skill(level), ..serves(id, category, 1) }, at(0));
    }
    let given_at = |agents: &[u64], seconds: std::ops::RangeInclusive<u64>| {
        let mut matcher = matcher.clone();
        for id in [2, 4, 9].iter().filter(|id| !agents.contains(id)) {
            matcher.set_status(PersonId(*id), Status::Busy, at(0));
        }
        let request = waits(5, 1, Priority::Normal, at(0));
        matcher.wait(Request { need: need.clone(), last_agent: Some(PersonId(1)), ..request }, at(0));
        let found = seconds.clone().find_map(|s| {
            matcher.advance(at(s));
            matcher.pair(at(s)).map(|made| (s, made.agent.0))
        });
        found.unwrap_or((*seconds.end(), 0))
    };
    assert_eq!(given_at(&[2, 4, 9], 0..=99), (10, 4), "his last agent is waited for first");
    assert_eq!(given_at(&[2, 9], 0..=99), (20, 2), "then half the skill will do");
    assert_eq!(given_at(&[9], 0..=99), (60, 9), "then the other category helps, with what is asked at last");
    assert_eq!(given_at(&[], 0..=99), (99, 0));
}

/// B02: twice the slots at work, half the wait; longer handling, longer wait. `estimate` grades it on whole floors.
#[test]
fn the_estimate_follows_slots_and_handling_times() {
    let (category, now) = (CategoryId(1), Time::from_ms(1));
    let mut matcher = Matcher::default();
    let held = Held { category, phase: Phase::Live, hold: Hold::Active, since: None };
    let wait_s = |matcher: &Matcher| f64::from(matcher.forecast(category, now).wait_s(4));
    at_work(&mut matcher, serves(1, 1, 4), now);
    (1..=2).for_each(|ticket| matcher.hold(TicketId(ticket), PersonId(1), held, now));
    let with_two = wait_s(&matcher);
    assert!((500.0..650.0).contains(&with_two), "about 4 × 300 / 2: {with_two}");
    (3..=4).for_each(|ticket| matcher.hold(TicketId(ticket), PersonId(1), held, now));
    let with_four = wait_s(&matcher);
    assert!((with_four * 2.0 / with_two - 1.0).abs() < 0.1, "{with_two} with two, {with_four} with four");
    at_work(&mut matcher, serves(2, 2, 1), now);
    for ticket in 5..305 {
        matcher.hold(TicketId(ticket), PersonId(2), Held { since: Some(now), ..held }, now);
        matcher.leave(TicketId(ticket), Time::from_ms(1 + 1_200_000));
    }
    assert!(wait_s(&matcher) > with_four * 3.0, "they take four times as long");
}
