//! How long tickets are handled: the latest times as a small distribution, which forgets slowly.

/// What a ticket is assumed to take before one of its category has ended, in milliseconds.
pub const HANDLING_FIRST_MS: u64 = 5 * 60 * 1_000;

/// Bins of a distribution: four to a doubling, from a second to eighteen hours.
const BINS: usize = 64;
const BINS_PER_DOUBLING: f64 = 4.0;
const BIN_FIRST_MS: f64 = 1_000.0;
/// Each time weighs this much less than the next: some two hundred of them make the figures.
const FORGET: f32 = 0.995;
/// What the first guess weighs, in times.
const GUESS: f32 = 2.0;

/// How long tickets of a category are handled.
#[derive(Clone, Debug)]
pub struct Handling {
    weights: Box<[f32; BINS]>,
    weight: f32,
    /// Of the times themselves, in milliseconds.
    sum: f64,
    /// Of the times of writing up, likewise.
    wrap_up: f64,
    wrap_up_weight: f64,
}

impl Default for Handling {
    /// A guess: anything around [`HANDLING_FIRST_MS`], as if it had no memory.
    fn default() -> Handling {
        let mean = HANDLING_FIRST_MS as f64;
        let cumulative = |bin: usize| 1.0 - (-bin_end_ms(bin) / mean).exp();
        let weight = |bin: usize| cumulative(bin) - bin.checked_sub(1).map_or(0.0, cumulative);
        Handling {
            weights: Box::new(std::array::from_fn(|bin| GUESS * weight(bin) as f32)),
            weight: GUESS,
            sum: f64::from(GUESS) * mean,
            wrap_up: 0.0,
            wrap_up_weight: 0.0,
        }
    }
}

impl Handling {
    /// A ticket was handled in this time.
    pub(super) fn handled(&mut self, ms: u64) {
        for weight in self.weights.iter_mut() {
            *weight *= FORGET;
        }
        self.weights[bin_of(ms as f64)] += 1.0;
        self.weight = self.weight * FORGET + 1.0;
        self.sum = self.sum * f64::from(FORGET) + ms as f64;
        // Where nothing is written up any more, that is forgotten too.
        self.wrap_up *= f64::from(FORGET);
        self.wrap_up_weight = self.wrap_up_weight * f64::from(FORGET) + 1.0;
    }

    /// A ticket was written up in this time, after it was handled.
    pub(super) fn wrote_up(&mut self, ms: u64) {
        self.wrap_up += ms as f64;
    }

    /// The mean, in milliseconds.
    pub fn mean_ms(&self) -> f64 {
        (self.sum / f64::from(self.weight)).max(1.0)
    }

    /// The mean time of writing up, in milliseconds; of all tickets, those that are not written up among them.
    pub fn wrap_up_ms(&self) -> f64 {
        if self.wrap_up_weight > 0.0 { self.wrap_up / self.wrap_up_weight } else { 0.0 }
    }

    /// The part of the tickets that are handled within each of so many times, one step apart, from 0.
    pub(super) fn within(&self, step_ms: f64, count: usize) -> Vec<f64> {
        let weight = f64::from(self.weight);
        let (mut bin, mut before, mut begins) = (0, 0.0, 0.0);
        let mut all = Vec::with_capacity(count);
        for step in 0..count {
            let ms = step as f64 * step_ms;
            while bin + 1 < BINS && ms >= bin_end_ms(bin) {
                before += f64::from(self.weights[bin]);
                begins = bin_end_ms(bin);
                bin += 1;
            }
            let part = ((ms - begins) / (bin_end_ms(bin) - begins)).min(1.0);
            all.push(((before + part * f64::from(self.weights[bin])) / weight).min(1.0));
        }
        all
    }
}

fn bin_of(ms: f64) -> usize {
    let doublings = (ms.max(BIN_FIRST_MS) / BIN_FIRST_MS).log2();
    ((doublings * BINS_PER_DOUBLING) as usize).min(BINS - 1)
}

fn bin_end_ms(bin: usize) -> f64 {
    BIN_FIRST_MS * ((bin + 1) as f64 / BINS_PER_DOUBLING).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_forgets_the_guess_and_learns_what_is_so() {
        let mut handling = Handling::default();
        assert_eq!(handling.mean_ms().round() as u64, HANDLING_FIRST_MS);
        for ms in (0..1_000).map(|n| 60_000 + n * 37 % 100 * 1_000) {
            handling.handled(ms);
        }
        assert!((handling.mean_ms() - 109_500.0).abs() < 3_000.0, "{}", handling.mean_ms());
        let within = handling.within(10_000.0, 20);
        assert!(within.is_sorted() && within[5] < 0.02 && within[18] > 0.98, "{within:?}");
        assert!((within[11] - 0.5).abs() < 0.08, "{within:?}");
        assert_eq!(handling.wrap_up_ms(), 0.0);
        for _ in 0..1_000 {
            handling.handled(100_000);
            handling.wrote_up(30_000);
        }
        assert!((handling.wrap_up_ms() - 30_000.0).abs() < 1_000.0, "{}", handling.wrap_up_ms());
    }
}
