//! Forecasts of the wait, made seldom and read often; and how wrong they were, once it is known.

use std::collections::HashMap;

use deskwire_protocol::Time;

use super::{Belief, Dispatch};
use crate::domain::event::CategoryId;
use crate::domain::facts::Facts;
use crate::domain::matcher::Forecast;

/// Forecasts made anew in one tick at most; of the other queues the last ones are good for a little longer.
pub const FORECASTS_PER_TICK_MAX: usize = 8;

/// The latest forecast of each queue that anybody was told of.
#[derive(Debug, Default)]
pub(super) struct Forecasts {
    latest: HashMap<CategoryId, Forecast>,
    made: usize,
}

/// What somebody was told first when he began to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Promise {
    round: u32,
    at: Time,
    wait_s: u32,
}

impl Promise {
    pub(super) fn new(facts: &Facts, at: Time, wait_s: u32) -> Promise {
        Promise { round: facts.round, at, wait_s }
    }

    /// Whether it was for this round of waiting.
    pub(super) fn stands(&self, facts: &Facts) -> bool {
        self.round == facts.round
    }

    /// How far off it was if the wait ends now, in milliseconds.
    fn error_ms(&self, now: Time) -> u64 {
        let told_ms = self.at.ms() + u64::from(self.wait_s) * 1_000;
        told_ms.abs_diff(now.ms())
    }
}

impl<A> Dispatch<A> {
    /// A tick begins: forecasts may be made again.
    pub(super) fn forecast_again(&mut self) {
        self.forecasts.made = 0;
    }

    /// The estimated wait of a position, in seconds.
    pub(super) fn wait_s(&mut self, category: CategoryId, position: u64) -> u32 {
        let known = self.forecasts.latest.get(&category);
        let may_make = self.forecasts.made < FORECASTS_PER_TICK_MAX;
        if known.is_none_or(|known| known.is_stale(self.now) && may_make) {
            self.forecasts.made += 1;
            self.forecasts.latest.insert(category, self.matcher.forecast(category, self.now));
        }
        self.forecasts.latest.get(&category).map_or(0, |forecast| forecast.wait_s(position))
    }

    /// How far off was what its customer was told first, if it has its agent now.
    pub(super) fn estimate_error_ms(&self, old: &Belief<A>, facts: &Facts) -> Option<u64> {
        let promise = old.told.as_ref()?.promise;
        promise.stands(facts).then(|| promise.error_ms(self.now))
    }
}
