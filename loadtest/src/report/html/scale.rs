//! Where a value stands on an axis, and which values are written beside it.

/// An axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// From 0 on, evenly.
    Even {
        /// Its end.
        end: f64,
    },
    /// Of times in milliseconds: each decade as long as every other.
    Decades {
        /// Its beginning, above 0.
        begin: f64,
        /// Its end.
        end: f64,
    },
    /// Of a part of all: each halving or tenth of what is left is as long as every other, as in HdrHistogram's plots.
    Tail {
        /// The least that is left, above 0.
        left: f64,
    },
}

/// Ticks of an axis, about.
const TICKS: f64 = 6.0;

impl Scale {
    /// From 0 to a round number that holds all values.
    pub fn even(values: impl Iterator<Item = f64>) -> Scale {
        let most = values.fold(0.0, f64::max);
        let end = if most > 0.0 { most * 1.04 } else { 1.0 };
        Scale::Even { end }
    }

    /// From the decade below all values to one that holds them.
    pub fn decades(values: impl Iterator<Item = f64>) -> Scale {
        let (least, most) = values
            .filter(|value| *value > 0.0)
            .fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
        if most == 0.0 {
            return Scale::Decades { begin: 0.1, end: 1.0 };
        }
        let begin = 10_f64.powf(least.log10().floor());
        // To the next of 1, 2, 5: a whole decade more would leave half of the plot empty.
        let decade = 10_f64.powf(most.log10().floor());
        let end = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade).into_iter().find(|end| *end >= most);
        Scale::Decades { begin, end: end.unwrap_or(most).max(begin * 10.0) }
    }

    /// Where a value stands, from 0 to 1.
    pub fn place(self, value: f64) -> f64 {
        let place = match self {
            Scale::Even { end } => value / end,
            Scale::Decades { begin, end } => (value.max(begin) / begin).ln() / (end / begin).ln(),
            Scale::Tail { left } => (1.0 - value).max(left).ln() / left.ln(),
        };
        place.clamp(0.0, 1.0)
    }

    /// The values to be written, with their words.
    pub fn ticks(self) -> Vec<(f64, String)> {
        match self {
            Scale::Even { end } => even_ticks(end),
            Scale::Decades { begin, end } => decade_ticks(begin, end),
            Scale::Tail { left } => tail_ticks(left),
        }
    }
}

fn even_ticks(end: f64) -> Vec<(f64, String)> {
    let rough = end / TICKS;
    let decade = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
    let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(10.0 * decade);
    let count = (end / step) as usize;
    (0..=count).map(|place| step * place as f64).map(|value| (value, short(value))).collect()
}

fn decade_ticks(begin: f64, end: f64) -> Vec<(f64, String)> {
    let decades = (end / begin).log10();
    // Few decades have room for what is between them.
    let within: &[f64] = if decades <= 2.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let first = begin.log10().round() as i32;
    let values = (first..first + 20).flat_map(|power| within.iter().map(move |step| step * 10_f64.powi(power)));
    let fits = |value: &f64| *value >= begin * 0.999 && *value <= end * 1.001;
    values.filter(fits).map(|value| (value, duration(value))).collect()
}

fn tail_ticks(left: f64) -> Vec<(f64, String)> {
    let decades = (1..12).map(|nines| 10_f64.powi(-nines)).take_while(|rest| *rest >= left * 0.999);
    let nines = decades.enumerate().map(|(place, rest)| (1.0 - rest, percent(rest, place)));
    [(0.0, "0 %".to_owned()), (0.5, "50 %".to_owned())].into_iter().chain(nines).collect()
}

/// `90 %`, `99 %`, `99.9 %` …
fn percent(rest: f64, place: usize) -> String {
    format!("{:.*} %", place.saturating_sub(1), 100.0 * (1.0 - rest))
}

/// Milliseconds in the unit that fits.
fn duration(ms: f64) -> String {
    match ms {
        ms if ms >= 999.0 => format!("{} s", short(ms / 1e3)),
        ms if ms >= 0.999 => format!("{} ms", short(ms)),
        ms => format!("{} µs", short(ms * 1e3)),
    }
}

/// A number in few letters: `0.05`, `250`, `12k`, `1.5M`.
pub fn short(value: f64) -> String {
    let trimmed = |value: f64, unit: &str| {
        let text = format!("{value:.2}");
        format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
    };
    match value {
        value if value >= 1e6 => trimmed(value / 1e6, "M"),
        value if value >= 1e4 => trimmed(value / 1e3, "k"),
        value if value > 0.0 && value < 0.01 => format!("{value}"),
        value => trimmed(value, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(scale: Scale) -> String {
        scale.ticks().into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_numbers_within_the_axis() {
        let rows = [
            (Scale::Even { end: 60.0 }, "0 10 20 30 40 50 60"),
            (Scale::Even { end: 26_000.0 }, "0 5000 10k 15k 20k 25k"),
            (Scale::Even { end: 0.9 }, "0 0.2 0.4 0.6 0.8"),
            (Scale::Decades { begin: 0.1, end: 20.0 }, "100 µs 200 µs 500 µs 1 ms 2 ms 5 ms 10 ms 20 ms"),
            (Scale::Decades { begin: 0.01, end: 5_000.0 }, "10 µs 100 µs 1 ms 10 ms 100 ms 1 s"),
            (Scale::Tail { left: 1e-4 }, "0 % 50 % 90 % 99 % 99.9 % 99.99 %"),
        ];
        rows.iter().for_each(|(scale, expected)| assert_eq!(words(*scale), *expected));
    }

    #[test]
    fn values_stand_between_the_ends_whatever_they_are() {
        let scales = [
            Scale::even([0.0, 3.0].into_iter()),
            Scale::even(std::iter::empty()),
            Scale::decades([0.0, 0.3, 70.0].into_iter()),
            Scale::decades(std::iter::empty()),
            Scale::Tail { left: 1e-5 },
        ];
        for scale in scales {
            for value in [0.0, 0.5, 1.0, 3.0, 1e12] {
                let place = scale.place(value);
                assert!((0.0..=1.0).contains(&place), "{scale:?} {value}: {place}");
            }
            assert!(scale.ticks().iter().all(|(value, _)| (0.0..=1.0).contains(&scale.place(*value))));
        }
        assert_eq!(Scale::Tail { left: 1e-4 }.place(0.99), 0.5);
        assert_eq!(Scale::Decades { begin: 1.0, end: 100.0 }.place(10.0), 0.5);
    }
}
