//! Opening a ticket again: who may, and for how long after its end.

use deskwire_protocol::{Refusal, Role, StageName, Step, Time};

use super::authorize::Action;
use super::facts::Facts;
use super::rules::Rules;
use super::ticket::Command;
use super::who::Who;

/// What a step is for the one table of rights: to open what was turned down is to restore it, which is no customer's.
pub(super) fn action(step: Step, stage: StageName) -> Action {
    match (step, stage) {
        (Step::Reopen, StageName::Rejected) => Action::Restore,
        (_, _) => Action::Advance(step),
    }
}

/// Whether a command opens a ticket again.
pub fn reopens(command: &Command) -> bool {
    matches!(command, Command::Advance { step: Step::Reopen, .. })
}

/// Whether somebody may open a ticket again now: staff always, its customer for a while.
pub fn admits(facts: &Facts, rules: &Rules, who: &Who, now: Time) -> Result<(), Refusal> {
    let late = facts.is_over() && now > rules.reopen_until(facts.since);
    match late && who.role == Role::Customer {
        true => Err(Refusal::TooLate),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::event::{Advanced, CategoryId, Event, Opened, SkillList};
    use crate::domain::outline::Outline;
    use crate::domain::who::Sight;
    use deskwire_protocol::{PersonId, Phase, Priority, TicketId};

    const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

    fn closed() -> Outline {
        let at = Time::from_ms(DAY_MS);
        let opened = Opened {
            at: Time::from_ms(1),
            person: PersonId(1),
            name: String::new(),
            category: CategoryId(1),
            category_name: String::new(),
            priority: Priority::Normal,
            subject: String::new(),
            early_posts: true,
            phase: Phase::Live,
            reachable: false,
            skills: SkillList(Vec::new()),
        };
        let mut outline = Outline::begin(TicketId(1), &Event::Opened(opened)).unwrap();
        let (step, stage, reason) = (Step::Close, StageName::Closed, String::new());
        outline.apply(&Event::Advanced(Advanced { at, author: 0, step, stage, reason }));
        outline
    }

    /// D03: its customer within the days of the rule, counted from the end; staff at any time.
    #[test]
    fn a_customer_reopens_within_the_days_and_staff_at_any_time() {
        let who = |role| Who {
            person: PersonId(1),
            role,
            name: "x".into(),
            categories: Arc::new([]),
            reachable: false,
            sight: Sight::default(),
        };
        let rules = |reopen_days| Rules { reopen_days, ..Rules::default() };
        let late = Err(Refusal::TooLate);
        for (days, after_ms, role, expected) in [
            (14, 14 * DAY_MS, Role::Customer, Ok(())),
            (14, 14 * DAY_MS + 1, Role::Customer, late),
            (14, 15 * DAY_MS, Role::Agent, Ok(())),
            (14, 900 * DAY_MS, Role::Supervisor, Ok(())),
            (0, 1, Role::Customer, late),
            (0, 1, Role::Agent, Ok(())),
        ] {
            let now = Time::from_ms(DAY_MS + after_ms);
            let found = admits(closed().facts(), &rules(days), &who(role), now);
            assert_eq!(found, expected, "{days} {after_ms} {role:?}");
        }
    }
}
