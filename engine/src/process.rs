//! What this process has used of the machine, as `/proc` tells it.

use std::fs;

/// The kernel's unit of CPU time: a hundredth of a second on every Linux that is in use.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU and memory of this process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Seconds of CPU since it began, of the user's and the system's kind.
    pub cpu_seconds: f64,
    /// Bytes of memory that are resident.
    pub resident_bytes: u64,
}

impl Usage {
    /// This process now; nothing where `/proc` is not there.
    pub fn own() -> Option<Usage> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let status = fs::read_to_string("/proc/self/status").ok()?;
        Some(Usage { cpu_seconds: cpu_of(&stat)?, resident_bytes: resident_of(&status)? })
    }
}

/// Fields 14 and 15. The name in field 2 may hold blanks and braces, so counting begins behind it.
fn cpu_of(stat: &str) -> Option<f64> {
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some((ticks()? + ticks()?) as f64 / TICKS_PER_SECOND)
}

fn resident_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_found_behind_any_name() {
        let stat = "1 (a ) b) S 0 0 0 0 -1 0 0 0 0 0 250 50 0 0 20 0 1 0";
        assert_eq!(cpu_of(stat), Some(3.0));
        assert_eq!(cpu_of("1 (a) S 0"), None);
        assert_eq!(resident_of("Name:\tx\nVmRSS:\t   2048 kB\n"), Some(2 << 20));
        assert!(Usage::own().is_some_and(|usage| usage.resident_bytes > 1 << 20));
    }
}
