//! Work on the store while the engine is stopped: opened as the engine opens it, under the same lock.

use anyhow::Context;

use super::{Failure, log};
use crate::config::Settings;
use crate::engine;
use crate::store::{Store, StoreHandle, StoreSettings};

/// Opens the store, does the work, and lets go of it in order.
pub(super) fn with_store<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(StoreHandle) -> Result<T, anyhow::Error>,
) -> Result<T, Failure> {
    log::name_falls();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start a runtime")?;
    runtime.block_on(async {
        // Nobody posts: nothing need be kept for a disk that fills up.
        let lean = StoreSettings { reserve_bytes: 0, ..engine::store_settings(settings) };
        let (store, thread) = Store::open(&settings.serve.data, lean)?;
        let done = work(store).await;
        thread.stop().await;
        Ok(done?)
    })
}
