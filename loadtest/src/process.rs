//! What a process on this machine has used, and what machine it is, as `/proc` tells it.

use std::fs;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The kernel's unit of CPU time here: a hundredth of a second on every Linux that is in use.
const TICK: Duration = Duration::from_millis(10);

/// CPU time and memory of a process at some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// User and system time since it began.
    pub cpu: Duration,
    /// Resident memory in bytes.
    pub rss_bytes: u64,
    /// Of it, memory that no file stands for: what the process itself took.
    pub rss_anon_bytes: u64,
}

impl Usage {
    /// The CPU time since an earlier look; all of it where the process began anew in between.
    pub fn since(self, before: Usage) -> Duration {
        self.cpu.checked_sub(before.cpu).unwrap_or(self.cpu)
    }
}

/// The usage of a process; nothing where it is gone or `/proc` is not there.
pub fn usage(pid: u32) -> Option<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(Usage {
        cpu: cpu_of(&stat)?,
        rss_bytes: memory_of(&status, "VmRSS:")?,
        rss_anon_bytes: memory_of(&status, "RssAnon:")?,
    })
}

/// The usage of this process.
pub fn own() -> Option<Usage> {
    usage(std::process::id())
}

/// The machine that the load client runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its cores, as far as this process may use them.
    pub cores: usize,
    /// Its kernel.
    pub kernel: String,
    /// The name of its CPU.
    pub cpu: String,
}

impl Machine {
    /// This one.
    pub fn this() -> Machine {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        Machine {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            cpu: cpu_name(&read("/proc/cpuinfo")),
        }
    }
}

/// x86 names its model; others name at least a part number.
fn cpu_name(cpuinfo: &str) -> String {
    let value = |key: &str| {
        let of_it = |line: &&str| line.split(':').next().is_some_and(|name| name.trim() == key);
        Some(cpuinfo.lines().find(of_it)?.split_once(':')?.1.trim().to_owned())
    };
    value("model name").or_else(|| value("CPU part").map(|part| format!("CPU part {part}"))).unwrap_or_default()
}

/// Fields 14 and 15 of `stat`; the name in field 2 may hold spaces and braces, so counting begins behind it.
fn cpu_of(stat: &str) -> Option<Duration> {
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    Some(TICK * (ticks()? + ticks()?))
}

fn memory_of(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_found_behind_any_name() {
        let stat = "1 (a ) b) S 0 0 0 0 -1 0 0 0 0 0 250 50 0 0 20 0 1 0";
        assert_eq!(cpu_of(stat), Some(Duration::from_secs(3)));
        assert_eq!(memory_of("Name:\tx\nVmRSS:\t   2048 kB\n", "VmRSS:"), Some(2 << 20));
        assert_eq!(cpu_of(""), None);
        assert_eq!(cpu_name("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n"), "Some CPU @ 2 GHz");
        assert_eq!(cpu_name("processor\t: 0\nCPU part\t: 0xd0c\n"), "CPU part 0xd0c");
        assert!(own().is_some_and(|usage| usage.rss_bytes > 0));
    }
}
