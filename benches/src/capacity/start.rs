//! The start of a real process with a million messages in its store, until it says that it is ready.

use std::fs;
use std::path::Path;

use deskwire_loadtest::clock::Clock;

use super::{Line, Options};
use crate::dataset;
use crate::figures::median;
use crate::server::Server;

/// Starts that are measured; the middle one is told.
const STARTS: usize = 3;
/// The target in seconds.
const READY_S_MAX: f64 = 1.0;

/// Starts it again and again, on a copy of the data set.
pub async fn lines(options: &Options) -> anyhow::Result<Vec<Line>> {
    let whole = dataset::ready(options.messages).await?;
    let dir = tempfile::tempdir_in(whole.parent().unwrap_or(&whole))?;
    let data = dir.path().join("data");
    copy(&whole, &data)?;
    // The first start makes the keys and the first category.
    let mut took = Vec::new();
    for _ in 0..=STARTS {
        let clock = Clock::start();
        let server = Server::engine_on(&options.engine, "serve", &data, dir.path(), options.port, &[]).await?;
        took.push(clock.us() as f64 / 1e6);
        server.end().await?;
    }
    let (first, others) = (took[0], median(took[1..].iter().copied()).unwrap_or(f64::INFINITY));
    let what = format!("start with {} messages stored, from the process' begin to /readyz", options.messages);
    let measured = format!("{others:.2} s, the first time {first:.2} s");
    let verdict = if others <= READY_S_MAX { "met" } else { "missed" };
    Ok(vec![[what, "≤ 1 s".into(), measured, verdict.into(), "`make capacity`".into()]])
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
