//! `deskwire serve` and `deskwire demo`: settings, log, runtime, and then the engine.

use anyhow::Context;

use super::{Failure, RunFlags, log, settings};
use crate::config::{Origin, Wrong};
use crate::engine::{self, Mode};

/// Threads for what blocks: four reads of the store, two passwords and a question of the floor's at once. What comes when all
/// are busy waits. Without this the runtime starts one whenever none is idle, dozens under load.
const BLOCKING_THREADS_MAX: usize = 8;

/// Runs the engine until it is told to stop.
pub(super) fn run(flags: RunFlags, mode: Mode) -> Result<(), Failure> {
    let settings = settings::read_run(&flags)?;
    log::start(&settings.log).map_err(|fault| Wrong::Form {
        origin: Origin::Flag,
        fault: format!("log.level = {:?}: {fault}", settings.log.level),
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()
        .context("cannot start the threads of the engine")?;
    Ok(runtime.block_on(engine::run(settings, mode))?)
}
