//! `deskwire check`: reads everything that is kept and says whether it is whole.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use deskwire_protocol::TicketId;

use super::{Failure, SettingsFlags, offline, settings};
use crate::domain::event::Event;
use crate::identity::{Accounts, Keep};
use crate::store::{PageLimits, ReadFault, RecordKind, StoreHandle};

const PAGE: PageLimits = PageLimits { events: 1_000, bytes: 1 << 20 };
/// Commits read at once.
const COMMITS: usize = 10_000;

/// Opening it checks the lock, the version and the end of the log; then every record and event is read, which checks its
/// checksum, and decoded.
pub(super) fn run(flags: SettingsFlags) -> Result<(), Failure> {
    let settings = settings::read(&flags)?;
    if !settings.serve.data.is_dir() {
        let missing = anyhow::anyhow!("{}: there is no such directory", settings.serve.data.display());
        return Err(missing.into());
    }
    offline::with_store(&settings, whole)
}

async fn whole(store: StoreHandle) -> Result<(), anyhow::Error> {
    let mut records = 0;
    for kind in RecordKind::ALL {
        records += store.records(*kind, &[]).await?.len();
    }
    Accounts::load(Keep::Store(store.clone())).await?;
    let tickets = tickets(&store).await?;
    let mut events = 0;
    for ticket in &tickets {
        events += log_of(&store, *ticket).await.with_context(|| format!("ticket {ticket}"))?;
    }
    println!("whole: {} tickets, {events} events, {records} records", tickets.len());
    Ok(())
}

/// Every open ticket, and every other that the commits which are kept speak of.
async fn tickets(store: &StoreHandle) -> Result<BTreeSet<TicketId>, anyhow::Error> {
    let mut tickets: BTreeSet<TicketId> = store.stages().await?.into_iter().map(|facts| facts.ticket).collect();
    let mut after = 0;
    loop {
        match store.commits(after, COMMITS).await {
            Ok(commits) => {
                let Some(last) = commits.last() else {
                    return Ok(tickets);
                };
                after = last.number;
                tickets.extend(commits.iter().flat_map(|commit| &commit.ranges).map(|range| range.ticket));
            }
            Err(ReadFault::Trimmed { floor }) if floor > after + 1 => after = floor - 1,
            Err(fault) => return Err(fault.into()),
        }
    }
}

/// The number of a ticket's events, which are 1, 2, 3 … without a gap.
async fn log_of(store: &StoreHandle, ticket: TicketId) -> Result<u32, anyhow::Error> {
    let mut head = 0;
    loop {
        let page = store.events(ticket, head + 1, u32::MAX, PAGE).await?;
        if page.is_empty() {
            return Ok(head);
        }
        for (seq, bytes) in page {
            if seq != head + 1 {
                bail!("event {seq} follows event {head}");
            }
            Event::decode(&bytes).with_context(|| format!("event {seq}"))?;
            head = seq;
        }
    }
}
