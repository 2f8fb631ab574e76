//! How long whoever waits in a queue will wait: when so many of the slots at work will have become free.
//!
//! A slot becomes free when what uses it ends, and again each time what follows ends. So the number of slots that are
//! free by a time is, for each slot, the chance that its ticket has ended by then, given how long it has been handled
//! already, and after that a renewal process; both from the handling times seen in this category ([`Handling`]). Who
//! stands n-th is served when that number reaches n. An agent's slot counts for a category by the part that its tickets
//! have in all that wait for him. Slots of agents who take nothing new do not count, and neither do free ones: whoever
//! waits beside one cannot use it.
//!
//! The idea is the queue-length predictor of the literature on delay announcements, refined by the ages of the services
//! in progress. A forecast costs a look at the slots at work and some ten thousand multiplications, so it is made at
//! most once a second a queue ([`FORECAST_EVERY_MS`]) and read many times.

use deskwire_protocol::{Phase, Time};

use super::agent::{Agent, Held, Hold};
use super::handling::Handling;
use super::{Matcher, Queue};
use crate::domain::event::CategoryId;

/// A forecast is good for this long, in milliseconds.
pub const FORECAST_EVERY_MS: u64 = 1_000;

/// Steps of a forecast, and how many of them a mean handling time has.
const STEPS: usize = 96;
const STEPS_PER_MEAN: f64 = 24.0;
/// What is told is the median of what may come: it is reached a little before the mean is.
const BEFORE_MEAN: f64 = 0.3;

/// How long each position of a queue will wait, as it looked at one time.
#[derive(Clone, Debug)]
pub struct Forecast {
    made: Time,
    step_ms: f64,
    /// Slots free by the end of each step.
    free: Vec<f64>,
    /// Slots free per step, beyond the last.
    pace: f64,
}

/// What the slots at work are used for: how many have been for each number of steps.
struct Ages {
    handled: Vec<f64>,
    written_up: Vec<f64>,
    /// Nobody knows for how long.
    unknown: f64,
    step_ms: f64,
}

impl Forecast {
    /// The estimated wait of a position (from 1), in seconds, as of when it was made.
    pub fn wait_s(&self, position: u64) -> u32 {
        let wanted = (position as f64 - BEFORE_MEAN).max(0.1);
        let index = self.free.partition_point(|free| *free < wanted);
        let before = index.checked_sub(1).map_or(0.0, |index| self.free[index]);
        let steps = match self.free.get(index) {
            Some(free) => index as f64 + (wanted - before) / (free - before).max(f64::EPSILON),
            None => index as f64 + (wanted - before) / self.pace,
        };
        (steps * self.step_ms / 1_000.0).ceil() as u32
    }

    /// Whether it is too old.
    pub fn is_stale(&self, now: Time) -> bool {
        now.ms() >= self.made.ms() + FORECAST_EVERY_MS
    }
}

impl Matcher {
    /// How long the positions of a category's queue will wait. With nobody at work it is reckoned with one slot, which
    /// is a guess like any other.
    pub fn forecast(&self, category: CategoryId, now: Time) -> Forecast {
        let empty = Queue::default();
        let queue = self.queue(category).unwrap_or(&empty);
        let (handling, step_ms) = (queue.handling(), (queue.handling().mean_ms() / STEPS_PER_MEAN).max(50.0));
        let mut ages = Ages::new(step_ms);
        for agent in queue.staff.iter().filter_map(|id| self.agents.get(id)).filter(|agent| agent.is_on_duty()) {
            let share = self.share(agent, queue);
            for held in pulling(agent) {
                ages.add(held, share, now);
            }
        }
        if ages.slots() < f64::EPSILON {
            ages.unknown = 1.0;
        }
        Forecast::of(&ages, handling, now)
    }

    /// The part of a queue in all that waits for an agent.
    fn share(&self, agent: &Agent, queue: &Queue) -> f64 {
        let waiting = |queue: &Queue| queue.line.len() as f64;
        let all: f64 = agent.profile().categories.iter().filter_map(|id| self.queue(*id)).map(waiting).sum();
        if all > 0.0 { waiting(queue).max(1.0) / all.max(1.0) } else { 1.0 }
    }
}

/// The used slots of an agent that give him the next ticket when they become free: those above his limit do not.
fn pulling(agent: &Agent) -> impl Iterator<Item = &Held> {
    let (limit, used) = (usize::from(agent.profile().slots.live), usize::from(agent.used().live));
    let live = agent.held().values().filter(|held| held.phase == Phase::Live);
    live.skip(used.saturating_sub(limit))
}

impl Ages {
    fn new(step_ms: f64) -> Ages {
        Ages { handled: vec![0.0; STEPS], written_up: vec![0.0; STEPS], unknown: 0.0, step_ms }
    }

    fn add(&mut self, held: &Held, share: f64, now: Time) {
        let age = held.since.map(|since| now.ms().saturating_sub(since.ms()) as f64 / self.step_ms);
        let age = age.map(|age| (age as usize).min(STEPS - 1));
        match (held.hold, age) {
            (Hold::Promised, _) => self.handled[0] += share,
            (Hold::Active, Some(age)) => self.handled[age] += share,
            (Hold::WrapUp, Some(age)) => self.written_up[age] += share,
            (Hold::Active | Hold::WrapUp, None) => self.unknown += share,
        }
    }

    fn slots(&self) -> f64 {
        self.handled.iter().chain(&self.written_up).sum::<f64>() + self.unknown
    }
}

impl Forecast {
    fn of(ages: &Ages, handling: &Handling, now: Time) -> Forecast {
        let step_ms = ages.step_ms;
        let within = handling.within(step_ms, 2 * STEPS);
        let wrap_up = (handling.wrap_up_ms() / step_ms).round() as usize;
        let mean_steps = (handling.mean_ms() + handling.wrap_up_ms()) / step_ms;
        let first = first_endings(ages, &within, wrap_up, mean_steps);
        let service = steps_of(|step| step.checked_sub(wrap_up).map_or(0.0, |step| within[step]));
        let again = renewals(&service);
        let mut free = Vec::with_capacity(STEPS);
        let mut total = 0.0;
        for step in 0..STEPS {
            total += first[step];
            let later: f64 = (0..=step).map(|earlier| first[earlier] * again[step - earlier]).sum();
            free.push(total + later);
        }
        Forecast { made: now, step_ms, free, pace: ages.slots() / mean_steps }
    }
}

/// What a cumulative figure grows by in each step.
fn steps_of(cumulative: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..STEPS).map(|step| cumulative(step + 1) - cumulative(step)).collect()
}

/// Of the slots that are used now, how many become free in each step.
fn first_endings(ages: &Ages, within: &[f64], wrap_up: usize, mean_steps: f64) -> Vec<f64> {
    let mut first = vec![0.0; STEPS];
    // Whatever has outlived nearly all others ends at the mean pace.
    let fading = |step: usize| 1.0 - (-(step as f64) / mean_steps).exp();
    for (age, count) in ages.handled.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        let left = 1.0 - within[age];
        let ended = |step: usize| match left > 0.01 {
            true => (within[age + step] - within[age]) / left,
            false => fading(step),
        };
        for (step, part) in steps_of(ended).into_iter().enumerate().take(STEPS - wrap_up.min(STEPS)) {
            first[step + wrap_up] += count * part;
        }
    }
    for (age, count) in ages.written_up.iter().enumerate() {
        // What is left of it, and it ends with the last of these steps.
        first[wrap_up.saturating_sub(age + 1).min(STEPS - 1)] += count;
    }
    for (step, part) in steps_of(fading).into_iter().enumerate() {
        first[step] += ages.unknown * part;
    }
    first
}

/// How often a slot that has just become free becomes free again, by the end of each step.
fn renewals(service: &[f64]) -> Vec<f64> {
    let mut again: Vec<f64> = Vec::with_capacity(STEPS);
    let mut once = 0.0;
    for step in 0..STEPS {
        once += service[step];
        let more: f64 =
            (0..=step).map(|first| service[first] * step.checked_sub(first + 1).map_or(0.0, |rest| again[rest])).sum();
        again.push(once + more);
    }
    again
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(times_s: impl Iterator<Item = u64>) -> Handling {
        let mut handling = Handling::default();
        times_s.for_each(|s| handling.handled(s * 1_000));
        handling
    }

    fn forecast(handling: &Handling, held: &[(Hold, u64)]) -> Forecast {
        let now = Time::from_ms(10_000_000);
        let mut ages = Ages::new((handling.mean_ms() / STEPS_PER_MEAN).max(50.0));
        for (hold, age_s) in held {
            let since = Some(Time::from_ms(now.ms() - age_s * 1_000));
            ages.add(&Held { category: CategoryId(1), phase: Phase::Live, hold: *hold, since }, 1.0, now);
        }
        Forecast::of(&ages, handling, now)
    }

    fn is_about(forecast: &Forecast, position: u64, expected_s: u32) {
        let wait_s = forecast.wait_s(position);
        let off = f64::from(wait_s.abs_diff(expected_s)) / f64::from(expected_s);
        assert!(off < 0.15, "position {position}: {wait_s} s, expected {expected_s}");
    }

    #[test]
    fn what_has_been_handled_for_long_ends_soon() {
        let even = seen((0..2_000).map(|n| 90 + n % 21));
        let [fresh, old] = [0, 80].map(|age_s| forecast(&even, &[(Hold::Active, age_s); 10]));
        is_about(&fresh, 5, 100);
        is_about(&old, 5, 20);
        is_about(&fresh, 15, 200);
        is_about(&old, 15, 120);
        is_about(&old, 1_000, 10_000);
    }

    #[test]
    fn without_a_memory_it_is_position_times_mean_over_slots() {
        let mut odds = 0.5_f64;
        let memoryless = seen((0..4_000).map(|_| {
            odds = (odds + 0.618_033_988_75).fract();
            (-(1.0 - odds).ln() * 300.0) as u64
        }));
        let ages: Vec<_> = (0..50).map(|n| (Hold::Active, n * 10)).collect();
        let forecast = forecast(&memoryless, &ages);
        for position in [20, 40, 100, 400] {
            is_about(&forecast, position, (position * 6) as u32);
        }
    }

    #[test]
    fn writing_up_takes_its_time_too() {
        let mut handling = Handling::default();
        for n in 0..2_000 {
            handling.handled(90_000 + n % 21 * 1_000);
            handling.wrote_up(50_000);
        }
        is_about(&forecast(&handling, &[(Hold::Active, 0); 10]), 5, 150);
        is_about(&forecast(&handling, &[(Hold::WrapUp, 20); 10]), 5, 30);
    }
}
