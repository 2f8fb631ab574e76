//! Single values and histograms out of the server's metrics.

use std::io;

use super::scrape::page;

/// One value, by its name and labels as scraped.
pub async fn value(url: &str, name: &str) -> io::Result<f64> {
    find(&page(url).await?, name).ok_or_else(|| io::Error::other(format!("{url} has no {name}")))
}

fn find(page: &str, name: &str) -> Option<f64> {
    let line = page.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.trim().parse().ok()
}

/// A histogram as scraped: for each bound in seconds, how many were at most that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buckets(Vec<(f64, u64)>);

/// A histogram without labels, by its name.
pub async fn buckets(url: &str, name: &str) -> io::Result<Buckets> {
    let buckets = read(&page(url).await?, name);
    match buckets.0.is_empty() {
        true => Err(io::Error::other(format!("{url} has no {name}"))),
        false => Ok(buckets),
    }
}

fn read(page: &str, name: &str) -> Buckets {
    let prefix = format!("{name}_bucket{{le=\"");
    let bucket = |line: &str| {
        let (bound, count) = line.strip_prefix(&prefix)?.split_once("\"} ")?;
        let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().ok()? };
        Some((bound, count.trim().parse::<f64>().ok()? as u64))
    };
    Buckets(page.lines().filter_map(bucket).collect())
}

impl Buckets {
    /// What came since then.
    pub fn since(&self, before: &Buckets) -> Buckets {
        let older = before.0.iter().map(|(_, count)| *count).chain(std::iter::repeat(0));
        Buckets(self.0.iter().zip(older).map(|((bound, count), older)| (*bound, count.saturating_sub(older))).collect())
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.last().map_or(0, |(_, count)| *count)
    }

    /// The time in seconds that this part of all is at most, between two bounds in proportion; none where there is
    /// nothing, or it is beyond the last bound.
    pub fn quantile(&self, part: f64) -> Option<f64> {
        let wanted = part * self.count() as f64;
        let at = self.0.iter().position(|(_, count)| *count as f64 >= wanted).filter(|_| self.count() > 0)?;
        let (bound, count) = self.0[at];
        let (below, less) = if at == 0 { (0.0, 0) } else { self.0[at - 1] };
        let share = (wanted - less as f64) / (count - less).max(1) as f64;
        bound.is_finite().then_some(below + (bound - below) * share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "a_bucket{le=\"0.1\"} 10\na_bucket{le=\"0.2\"} 90\na_bucket{le=\"+Inf\"} 100\na_count 100\n\
                        b{c=\"d\"} 7\n";

    #[test]
    fn quantiles_lie_between_the_bounds_and_growth_is_told() {
        let buckets = read(PAGE, "a");
        assert_eq!(buckets.count(), 100);
        assert_eq!(buckets.quantile(0.5).map(|s| (s * 1_000.0).round()), Some(150.0));
        assert_eq!(buckets.quantile(0.05).map(|s| (s * 1_000.0).round()), Some(50.0));
        assert_eq!(buckets.quantile(0.99), None, "beyond the last bound");
        let grown = read(&PAGE.replace("} 90", "} 100").replace("} 100", "} 110"), "a");
        assert_eq!(grown.since(&buckets).count(), 10);
        assert_eq!(read(PAGE, "z").quantile(0.5), None);
        assert_eq!(find(PAGE, "b{c=\"d\"}"), Some(7.0));
    }
}
