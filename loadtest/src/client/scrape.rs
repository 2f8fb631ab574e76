//! What the server counts of itself: its own invariants, read from its metrics.

use std::io;
use std::net::ToSocketAddrs;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the server may take for its metrics.
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest page of metrics that is read, in bytes.
const SCRAPE_BYTES_MAX: u64 = 4 << 20;
/// What counts each violated invariant.
const VIOLATIONS: &str = "deskwire_invariant_violations_total";

/// How many violated invariants the server has counted since it began.
pub async fn violations(url: &str) -> io::Result<u64> {
    sum(&page(url).await?, VIOLATIONS).ok_or_else(|| io::Error::other(format!("{url} has no {VIOLATIONS}")))
}

/// The page of metrics.
pub async fn page(url: &str) -> io::Result<String> {
    timeout(SCRAPE_TIMEOUT, get(url)).await?
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
fn sum(page: &str, name: &str) -> Option<u64> {
    let of_it = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
    let values = page.lines().filter(of_it).filter_map(|line| line.rsplit(' ').next()?.trim().parse::<f64>().ok());
    values.fold(None, |sum, value| Some(sum.unwrap_or(0) + value as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_summed_over_its_labels() {
        let page = "# HELP a_total x\na_total{b=\"c\"} 2\r\na_total{b=\"d\"} 3\na_total_more 9\n";
        assert_eq!(sum(page, "a_total"), Some(5));
        assert_eq!(sum(page, "b_total"), None);
    }
}
