//! `deskwire check` and `deskwire rebuild`: whether all that is kept is whole, and what is derived made anew.

use anyhow::bail;

use super::{Failure, SettingsFlags, offline, settings};
use crate::config::Settings;
use crate::identity::{Accounts, Keep};
use crate::store::{self, StoreHandle};

/// Opening it checks the lock, the version and the end of the log; then every record and event is read, closed tickets'
/// too, which checks checksums, sequences, commits and the stage index.
pub(super) fn run(flags: SettingsFlags) -> Result<(), Failure> {
    offline::with_store(&existing(&flags)?, whole)
}

/// `deskwire rebuild`: makes what is derived from the logs, the stage index, anew where it is wrong.
pub(super) fn rebuild(flags: SettingsFlags) -> Result<(), Failure> {
    offline::with_store(&existing(&flags)?, anew)
}

/// `deskwire admin accept-loss`: the operator knows that acknowledged history is missing and goes on without it.
pub(super) fn accept_loss(flags: SettingsFlags) -> Result<(), Failure> {
    let epoch = store::accept_loss(&existing(&flags)?.serve.data)?;
    println!("the loss is accepted; the store's epoch is now {epoch:016x}, and clients drop their copies");
    Ok(())
}

/// A mistyped directory must not become a new store.
fn existing(flags: &SettingsFlags) -> Result<Settings, Failure> {
    let settings = settings::read(flags)?;
    match settings.serve.data.is_dir() {
        true => Ok(settings),
        false => Err(anyhow::anyhow!("{}: there is no such directory", settings.serve.data.display()).into()),
    }
}

async fn whole(store: StoreHandle) -> Result<(), anyhow::Error> {
    Accounts::load(Keep::Store(store.clone())).await?;
    let report = store.check().await?;
    if report.faults > 0 {
        let repair = match report.stage_faults {
            0 => String::new(),
            count => format!("\n{count} of them in the stage index, which `deskwire rebuild` repairs"),
        };
        bail!("{} faults; the first: {}{repair}", report.faults, report.findings.join("; "));
    }
    println!("whole: {} tickets, {} events, {} records", report.tickets, report.events, report.records);
    Ok(())
}

async fn anew(store: StoreHandle) -> Result<(), anyhow::Error> {
    let rebuilt = store.rebuild().await?;
    println!(
        "the stage index: {} entries were right, {} written, {} removed",
        rebuilt.right, rebuilt.written, rebuilt.removed
    );
    if rebuilt.left > 0 {
        bail!("the logs of {} tickets make no sense; `deskwire check` names them", rebuilt.left);
    }
    Ok(())
}
