//! `deskwire serve` and `deskwire demo`: settings, log, runtime, and then the engine.

use anyhow::Context;

use super::{Failure, RunFlags, log, settings};
use crate::config::{Origin, Wrong};
use crate::engine::{self, Mode};

/// Runs the engine until it is told to stop.
pub(super) fn run(flags: RunFlags, mode: Mode) -> Result<(), Failure> {
    let settings = settings::read_run(&flags)?;
    log::start(&settings.log).map_err(|fault| Wrong::Form {
        origin: Origin::Flag,
        fault: format!("log.level = {:?}: {fault}", settings.log.level),
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the engine")?;
    Ok(runtime.block_on(engine::run(settings, mode))?)
}
