//! A small seeded generator, so that a run can be had again: splitmix64.

use deskwire_protocol::StreamId;

/// A sequence of numbers that one seed gives again and again. Not for secrets.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound`; 0 where the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.draw()) * u128::from(bound)) >> 64) as u64
    }

    /// A fraction above 0 and at most 1.
    pub fn fraction(&mut self) -> f64 {
        ((self.draw() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// A waiting time of a Poisson process, in units of its mean.
    pub fn exponential(&mut self) -> f64 {
        -self.fraction().ln()
    }

    /// A stream of one's own.
    pub fn stream(&mut self) -> StreamId {
        StreamId(u128::from(self.draw()) << 64 | u128::from(self.draw()))
    }
}

/// Spreads the bits of a number over all 64.
pub fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_sequence_and_another_seed_another() {
        assert_eq!(Random::new(7).draw(), Random::new(7).draw());
        assert_ne!(Random::new(7).draw(), Random::new(8).draw());
    }

    #[test]
    fn exponential_waits_have_the_mean_one() {
        let mut random = Random::new(1);
        let mean = (0..100_000).map(|_| random.exponential()).sum::<f64>() / 100_000.0;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
    }
}
