//! What-ifs: a copy of the floor is taken where the floor is, and run forward on a thread that may take its time.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskwire_protocol::kinds::{self, StaffFrame, WhatIfMinute};
use deskwire_protocol::limits::{WHAT_IF_AGENTS_MAX, WHAT_IF_MINUTES_MAX};
use deskwire_protocol::{Refusal, Time};

use super::ask::Ask;
use super::desk::Desk;
use super::occupied::Work;
use crate::domain::dispatch::Copied;
use crate::domain::event::CategoryId;
use crate::domain::rules::{RULE_SECONDS_MAX, ms};
use crate::domain::whatif::{self, Changes, Curves, Question};
use crate::domain::who::Who;

/// Runs of which an answer is the mean.
const RUNS: u32 = 4;
/// Slots of an agent that a what-if may name.
const SLOTS_MAX: u16 = 1_000;
/// With more waiting than this the floor is not run forward: the copy alone would hold up the queue.
pub const WHAT_IF_WAITING_MAX: usize = 20_000;

/// What is wrong with a question.
type Wrong = (Refusal, String);

/// The changes that are asked about; what cannot be is named.
pub(super) fn changes(desk: &Desk, asked: &kinds::WhatIf) -> Result<Changes, Wrong> {
    let bounds = [
        ("minutes", usize::from(asked.minutes), 1, WHAT_IF_MINUTES_MAX),
        ("agents_more", usize::from(asked.agents_more), 0, WHAT_IF_AGENTS_MAX),
        ("slots", usize::from(asked.slots), 0, usize::from(SLOTS_MAX)),
    ];
    if let Some((name, _, least, most)) = bounds.iter().find(|(_, is, least, most)| is < least || is > most) {
        return Err((Refusal::Absurd, format!("{name} is from {least} to {most}")));
    }
    let named = |name: &String| {
        let category = desk.accounts.category_by_name(name);
        category.map(|category| category.id).ok_or_else(|| (Refusal::UnknownCategory, format!("there is no {name:?}")))
    };
    let overflow = asked.overflow.iter().map(|one| {
        if one.after_s > RULE_SECONDS_MAX || one.of == one.to {
            return Err((Refusal::Absurd, format!("after_s is at most {RULE_SECONDS_MAX}, and to another category")));
        }
        Ok((named(&one.of)?, named(&one.to)?, ms(one.after_s)))
    });
    let overflow = overflow.collect::<Result<Vec<_>, Wrong>>()?;
    let slots = (asked.slots > 0).then_some(asked.slots);
    Ok(Changes { agents_more: usize::from(asked.agents_more), slots, overflow })
}

/// A question on its way to its thread.
pub(super) struct WhatIf {
    pub(super) request: u32,
    pub(super) minutes: u16,
    pub(super) changes: Changes,
    pub(super) copied: Copied,
}

/// Runs the copy forward, as it is and with the changes, beside everything else.
pub(super) fn begin(desk: &Arc<Desk>, who: &Arc<Who>, ask: Ask, what_if: impl FnOnce() -> WhatIf) {
    let Some(under_way) = desk.occupied.begin(who.person, Work::WhatIf) else {
        return ask.refuse(Refusal::Busy, "another question of yours runs, or too many of others");
    };
    let what_if = what_if();
    let sees = desk.accounts.categories().iter().map(|category| category.id).filter(|id| who.oversees(*id)).collect();
    tokio::task::spawn_blocking(move || {
        let _under_way = under_way;
        ask.answer_any(what_if.run(&sees).into());
    });
}

impl WhatIf {
    fn run(&self, sees: &BTreeSet<CategoryId>) -> StaffFrame {
        let Copied { matcher, now, seen, within_ms } = &self.copied;
        let (minutes, seed) = (u32::from(self.minutes), seed(*now));
        let question = Question { matcher, now: *now, seen, within_ms, minutes, runs: RUNS, seed, of: Some(sees) };
        let as_is = whatif::ask(&question, &Changes::default());
        let changed = whatif::ask(&question, &self.changes);
        StaffFrame::WhatIfAnswer(kinds::WhatIfAnswer {
            request: self.request,
            service_level_as_is: thousandths(&as_is),
            service_level_changed: thousandths(&changed),
            as_is: minutes_of(&as_is),
            changed: minutes_of(&changed),
        })
    }
}

/// The same question at the same time draws the same numbers, unchanged and changed: what differs is the change.
fn seed(now: Time) -> u64 {
    now.ms()
}

fn thousandths(curves: &Curves) -> u16 {
    (curves.service_level().clamp(0.0, 1.0) * 1_000.0).round() as u16
}

fn minutes_of(curves: &Curves) -> Vec<WhatIfMinute> {
    let hundredths = |value: f64| (value * 100.0).round() as u32;
    let minute = |one: &whatif::Minute| WhatIfMinute {
        waiting: hundredths(one.waiting),
        oldest_s: one.oldest_s.round() as u32,
        served: hundredths(one.served),
        in_time: hundredths(one.in_time),
        abandoned: hundredths(one.abandoned),
    };
    curves.minutes.iter().map(minute).collect()
}
