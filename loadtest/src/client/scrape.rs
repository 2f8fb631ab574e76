//! What the server counts of itself, read from its metrics: its invariants, its CPU and memory.

use std::io;
use std::net::ToSocketAddrs;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::process::Usage;

/// How long the server may take for its metrics.
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest page of metrics that is read, in bytes.
const SCRAPE_BYTES_MAX: u64 = 4 << 20;
/// What counts each violated invariant.
const VIOLATIONS: &str = "deskwire_invariant_violations_total";

/// The standard names for the CPU a process has used, in seconds, and for its resident memory, in bytes.
const CPU: &str = "process_cpu_seconds_total";
const MEMORY: &str = "process_resident_memory_bytes";

/// What the server counts of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scraped {
    /// How many violated invariants it has counted since it began.
    pub violations: Option<u64>,
    /// What it has used, where it says both.
    pub usage: Option<Usage>,
}

/// Asks the server.
pub async fn scrape(url: &str) -> io::Result<Scraped> {
    Ok(read(&page(url).await?))
}

/// The page of metrics.
pub async fn page(url: &str) -> io::Result<String> {
    timeout(SCRAPE_TIMEOUT, get(url)).await?
}

/// How many violated invariants the server has counted since it began.
pub async fn violations(url: &str) -> io::Result<u64> {
    scrape(url).await?.violations.ok_or_else(|| io::Error::other(format!("{url} has no {VIOLATIONS}")))
}

fn read(page: &str) -> Scraped {
    let cpu = sum(page, CPU).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let usage =
        cpu.zip(sum(page, MEMORY)).map(|(cpu, bytes)| Usage { cpu, rss_bytes: bytes as u64, rss_anon_bytes: 0 });
    Scraped { violations: sum(page, VIOLATIONS).map(|count| count as u64), usage }
}

async fn get(url: &str) -> io::Result<String> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidInput, format!("{url} is not http://HOST:PORT/PATH"));
    let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
    let (host, path) = rest.find('/').map_or((rest, "/metrics"), |slash| rest.split_at(slash));
    let address = host.to_socket_addrs()?.next().ok_or_else(wrong)?;
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(SCRAPE_BYTES_MAX).read_to_string(&mut answer).await?;
    match answer.split(' ').nth(1) {
        Some("200") => Ok(answer),
        _ => Err(io::Error::other(answer.lines().next().unwrap_or("an empty answer").to_owned())),
    }
}

/// The sum of a metric over its labels; nothing where the page does not have it.
fn sum(page: &str, name: &str) -> Option<f64> {
    let of_it = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
    let values = page.lines().filter(of_it).filter_map(|line| line.rsplit(' ').next()?.trim().parse::<f64>().ok());
    values.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_summed_over_its_labels() {
        let page = "# HELP a_total x\na_total{b=\"c\"} 2\r\na_total{b=\"d\"} 3\na_total_more 9\n";
        assert_eq!(sum(page, "a_total"), Some(5.0));
        assert_eq!(sum(page, "b_total"), None);
    }

    #[test]
    fn usage_is_there_where_both_its_halves_are() {
        let cpu = "process_cpu_seconds_total 1.5\n";
        let page =
            format!("{cpu}process_resident_memory_bytes 4096\ndeskwire_invariant_violations_total{{a=\"b\"}} 0\n");
        let usage = Usage { cpu: Duration::from_millis(1_500), rss_bytes: 4096, rss_anon_bytes: 0 };
        assert_eq!(read(&page), Scraped { violations: Some(0), usage: Some(usage) });
        assert_eq!(read(cpu), Scraped::default());
    }
}
