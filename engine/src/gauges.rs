//! What operators look at is brought up to date when they look: gauges, counters kept elsewhere, readiness.

use std::sync::Arc;

use prometheus::IntCounter;

use crate::actors::desk::Desk;
use crate::actors::rooms;
use crate::metrics::{DiskState, Invariant, Metrics};
use crate::process::Usage;
use crate::store::Disk;
use crate::transport::http::ops::Ops;

/// What the operator's listener needs of a desk.
pub fn ops(desk: Arc<Desk>, crowded: impl Fn() -> u64 + Send + Sync + 'static) -> Ops {
    let (metrics, looked) = (desk.metrics.clone(), desk.clone());
    let (listed, putting) = (desk.clone(), desk.clone());
    #[cfg(feature = "planted-bugs")]
    let falling = desk.clone();
    let collect = move |metrics: &Metrics| {
        raise(&metrics.connections_refused, crowded());
        collect(&desk, metrics);
    };
    Ops {
        metrics,
        ready: Arc::new(move || ready(&looked)),
        collect: Arc::new(collect),
        aside: Arc::new(move || listed.directory.all_set_aside()),
        put_back: Arc::new(move |ticket| rooms::put_back(&putting, ticket)),
        #[cfg(feature = "planted-bugs")]
        fall: Arc::new(move |words| {
            crate::actors::fall::Fall::from_words(words).is_some_and(|fall| fall.now(&falling))
        }),
    }
}

fn ready(desk: &Desk) -> Result<(), &'static str> {
    if desk.is_closed() {
        return Err("the engine goes down");
    }
    if desk.store.pressure().is_stalled() {
        return Err("the disk does not answer");
    }
    match desk.store.pressure().disk() {
        Disk::Fine => Ok(()),
        Disk::Low | Disk::Lowest => Err("the disk is nearly full"),
    }
}

fn collect(desk: &Desk, metrics: &Metrics) {
    let connections = &desk.connections;
    metrics.sockets.set(connections.count() as i64);
    metrics.outbox_bytes.set(connections.outward_bytes() as i64);
    metrics.inbound_bytes.set(connections.inward_bytes() as i64);
    metrics.posts_inside.set(connections.intake.inside().into());
    metrics.posts_inside_max.set(connections.intake.max().into());
    for (refusal, count) in connections.counts.refusals() {
        raise(&metrics.refusals[refusal], count);
    }
    for (code, count) in connections.counts.closes() {
        raise(&metrics.closes[code], count);
    }
    for (bound, count) in connections.counts.cuts() {
        raise(&metrics.outbox_cuts[bound], count);
    }
    raise(&metrics.frames_out, connections.counts.frames_out());
    let (pressure, stats) = (desk.store.pressure(), desk.store.stats());
    metrics.unsynced_age.set(pressure.oldest_ms() as f64 / 1_000.0);
    metrics.store_queue.set(desk.store.queued() as i64);
    metrics.disk_free.set(pressure.free_bytes() as i64);
    metrics.set_disk_state(match pressure.disk() {
        Disk::Fine => DiskState::Well,
        Disk::Low => DiskState::Low,
        Disk::Lowest => DiskState::Lowest,
    });
    raise(&metrics.invariant_violations[Invariant::AppendOutOfTurn], stats.violations());
    metrics.rooms_set_aside.set(desk.directory.all_set_aside().len() as i64);
    desk.directory.count_actors(metrics);
    if let Some(usage) = Usage::own() {
        metrics.process_cpu.inc_by((usage.cpu_seconds - metrics.process_cpu.get()).max(0.0));
        metrics.process_memory.set(usage.resident_bytes as i64);
    }
}

/// A counter that is kept elsewhere, brought up to what it is there.
fn raise(counter: &IntCounter, to: u64) {
    counter.inc_by(to.saturating_sub(counter.get()));
}
