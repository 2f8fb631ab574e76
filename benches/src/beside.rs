//! What criterion does not measure: CPU time, and the slowest of many, kept in a file beside its estimates.

use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs, io};

use deskwire_loadtest::clock;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// The file beside criterion's own.
pub const FILE: &str = "beside.json";

/// CPU time of all threads of this process, added up over what was timed.
#[derive(Debug, Default)]
pub struct Cpu {
    used: Duration,
    iterations: u64,
}

impl Cpu {
    /// Does something so many times; answers how long that took, for criterion's `iter_custom`.
    pub fn time(&mut self, iterations: u64, mut step: impl FnMut()) -> Duration {
        let (cpu, begun) = (process_cpu(), clock::now());
        (0..iterations).for_each(|_| step());
        let took = begun.elapsed();
        self.used += process_cpu().saturating_sub(cpu);
        self.iterations += iterations;
        took
    }

    /// CPU time of one iteration in nanoseconds.
    pub fn ns(&self) -> Option<f64> {
        (self.iterations > 0).then(|| self.used.as_nanos() as f64 / self.iterations as f64)
    }

    /// Keeps the mean under the name of its bench.
    pub fn keep(&self, name: &str) {
        if let Some(ns) = self.ns() {
            keep(name, json!({ "cpu_ns": ns }));
        }
    }
}

/// User and system time of this process.
fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Keeps figures under the name of their bench, `group/function/size`.
pub fn keep(name: &str, figures: Value) {
    let dir = criterion_dir().join(name);
    let written: io::Result<()> =
        fs::create_dir_all(&dir).and_then(|()| fs::write(dir.join(FILE), figures.to_string()));
    if let Err(fault) = written {
        eprintln!("{}: {fault}", dir.display());
    }
}

/// Where builds go.
pub fn target_dir() -> PathBuf {
    let here = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target");
    let dir = env::var_os("CARGO_TARGET_DIR").map_or_else(here, PathBuf::from);
    std::path::absolute(&dir).unwrap_or(dir)
}

/// Where criterion puts its figures.
pub fn criterion_dir() -> PathBuf {
    env::var_os("CRITERION_HOME").map_or_else(|| target_dir().join("criterion"), PathBuf::from)
}
