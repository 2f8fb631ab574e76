//! What a run at a peer measures: times from the scheduled send, in microseconds, as the load client does.

use deskwire_loadtest::measure::{LAG_P99_US_MAX, LONGEST_US};
use hdrhistogram::Histogram;

use crate::figures::Times;

/// Histograms of a run.
#[derive(Debug)]
pub struct Measures {
    /// From the scheduled send to the sender's acknowledgement.
    pub acknowledge: Histogram<u64>,
    /// From the scheduled send to another's receipt.
    pub deliver: Histogram<u64>,
    /// From the scheduled send to the actual one.
    pub lag: Histogram<u64>,
    /// Deliveries that came in the measured time, whenever they were due.
    pub delivered_in_time: u64,
}

impl Default for Measures {
    fn default() -> Self {
        let histogram = || Histogram::new_with_bounds(1, LONGEST_US, 3).expect("these bounds are allowed");
        Measures { acknowledge: histogram(), deliver: histogram(), lag: histogram(), delivered_in_time: 0 }
    }
}

impl Measures {
    /// Whether the client could not keep its own schedule.
    pub fn is_saturated(&self) -> bool {
        self.lag.value_at_quantile(0.99) > LAG_P99_US_MAX
    }
}

/// Takes in a time.
pub fn took(times: &mut Histogram<u64>, us: u64) {
    times.saturating_record(us.max(1));
}

/// Half and 99 of 100, if anything is in it.
pub fn times(times: &Histogram<u64>) -> Option<Times> {
    let ms = |quantile| times.value_at_quantile(quantile) as f64 / 1e3;
    (!times.is_empty()).then(|| Times { p50_ms: ms(0.5), p99_ms: ms(0.99) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_half_and_nearly_all_and_a_late_client_is_told() {
        let mut measures = Measures::default();
        assert_eq!(times(&measures.deliver), None);
        (1..=1_000).for_each(|us| took(&mut measures.deliver, us));
        assert_eq!(times(&measures.deliver), Some(Times { p50_ms: 0.5, p99_ms: 0.99 }));
        assert!(!measures.is_saturated());
        (0..10).for_each(|_| took(&mut measures.lag, 10_000));
        assert!(measures.is_saturated());
    }
}
