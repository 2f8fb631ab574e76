//! Whether a category takes a chat now: its hours, who is on duty, and how many wait.

use deskwire_protocol::{Closure, Time};

use super::event::CategoryId;
use super::rules::{Rules, WhenFull, ms};

/// Who could serve the chats of a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// It cannot be said yet, or just now: the engine has begun a moment ago, or somebody reloads his page.
    Unknown,
    /// Nobody.
    Nobody,
    /// Somebody, and all who are there have as many as they may.
    Full,
    /// Somebody who may take one.
    Free,
}

/// A category as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// Who could serve.
    pub duty: Duty,
    /// How many wait.
    pub waiting: usize,
}

/// What becomes of a new chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is let in.
    Admit,
    /// It is let in, into another category that helps out.
    Overflow(CategoryId),
    /// There is no ticket; its customer is told why.
    TurnAway(Closure),
}

/// What becomes of a new chat of a category, and of the one that helps out where there is one.
pub fn admission(rules: &Rules, floor: Floor, helper: Option<(CategoryId, &Rules, Floor)>, now: Time) -> Admission {
    let Some(cause) = closure(rules, floor, now) else { return Admission::Admit };
    match helper {
        Some((id, rules, floor)) if closure(rules, floor, now).is_none() => Admission::Overflow(id),
        Some(_) | None => Admission::TurnAway(cause),
    }
}

/// Why a category takes no chat now, if so.
pub fn closure(rules: &Rules, floor: Floor, now: Time) -> Option<Closure> {
    if !rules.hours.is_open(now) {
        return Some(Closure::Closed);
    }
    if !rules.hours.last_entry(now, ms(rules.last_entry_min * 60)) {
        return Some(Closure::Ending);
    }
    if floor.duty == Duty::Nobody {
        return Some(Closure::Nobody);
    }
    if floor.duty == Duty::Full && rules.when_full == WhenFull::Unavailable {
        return Some(Closure::Full);
    }
    let crowded = rules.queue_max > 0 && floor.waiting >= rules.queue_max as usize && floor.duty != Duty::Free;
    crowded.then_some(Closure::QueueFull)
}

/// What a category has to say to that.
pub fn words(rules: &Rules, closure: Closure) -> &str {
    match closure {
        Closure::Closed | Closure::Ending | Closure::Nobody => &rules.unavailable_text,
        Closure::Full | Closure::QueueFull => &rules.full_text,
    }
}

#[cfg(test)]
#[path = "admission_tests.rs"]
mod tests;
