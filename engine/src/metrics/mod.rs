//! What an operator sees: every metric, its name, its label and its meaning, made once at start.

mod labels;
mod make;

use prometheus::{Counter, Encoder, Gauge, Histogram, IntCounter, IntGauge, Registry, TextEncoder};

pub use labels::{ActorKind, CutReason, DiskState, Invariant, SignIn};
pub use make::{Counters, Gauges, Label};

use deskwire_protocol::{CloseCode, Refusal, Role, Routing};

/// The content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Lengths of time from 50 µs to 10 s, in seconds.
const SECONDS: &[f64] =
    &[0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
/// Lengths of time from 100 µs to 10 s, ten to a decade, where a ratio of two is asked for, in seconds.
const FINE: &[f64] = &[
    0.000_1, 0.000_125, 0.000_16, 0.000_2, 0.000_25, 0.000_315, 0.000_4, 0.000_5, 0.000_63, 0.000_8, 0.001, 0.001_25,
    0.001_6, 0.002, 0.002_5, 0.003_15, 0.004, 0.005, 0.006_3, 0.008, 0.01, 0.012_5, 0.016, 0.02, 0.025, 0.031_5, 0.04,
    0.05, 0.063, 0.08, 0.1, 0.125, 0.16, 0.2, 0.25, 0.315, 0.4, 0.5, 0.63, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0,
    5.0, 6.3, 8.0, 10.0,
];
/// Waits of people, in seconds.
const WAITS: &[f64] =
    &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0];
/// Sizes of batches, in events.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $field:ident: $ty:ty = $name:literal $(, $extra:expr)?;)+) => {
        /// Every metric of the engine. The field is what the code touches, the name what is scraped.
        pub struct Metrics {
            registry: Registry,
            $($(#[doc = $doc])+ pub $field: $ty,)+
        }

        impl Metrics {
            /// The names, as scraped, in the order of the table.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// Makes every metric with all its children, so that each is scraped from the first moment on.
            pub fn new() -> Metrics {
                let registry = Registry::new();
                Metrics {
                    $($field: <$ty as make::Make>::make(
                        &registry, $name, concat!($($doc),+).trim(), make::first(&[$($extra.into())?]),
                    ),)+
                    registry,
                }
            }
        }
    };
}

metrics! {
    /// WebSocket connections that are open now.
    sockets: IntGauge = "deskwire_sockets";
    /// WebSocket connections open now whose first frame said who they are, by role.
    sockets_signed_in: Gauges<Role> = "deskwire_sockets_signed_in", "role";
    /// WebSocket connections accepted since the start.
    sockets_accepted: IntCounter = "deskwire_sockets_accepted_total";
    /// Connections turned away because the engine holds as many as it may.
    connections_refused: IntCounter = "deskwire_connections_refused_total";
    /// WebSocket connections ended by the engine, by close code.
    closes: Counters<CloseCode> = "deskwire_closes_total", "code";
    /// Connections cut off because they read too slowly, by the bound they passed.
    outbox_cuts: Counters<CutReason> = "deskwire_outbox_cuts_total", "bound";
    /// Bytes that wait in all outboxes.
    outbox_bytes: IntGauge = "deskwire_outbox_bytes";
    /// Bytes of accepted frames that wait to be handled, in the whole engine.
    inbound_bytes: IntGauge = "deskwire_inbound_bytes";
    /// Posts that were accepted and are not answered yet.
    posts_inside: IntGauge = "deskwire_posts_inside";
    /// How many of them there may be; it follows the time that posts take.
    posts_inside_max: IntGauge = "deskwire_posts_inside_max";
    /// Frames accepted from connections.
    frames_in: IntCounter = "deskwire_frames_in_total";
    /// Frames written to connections.
    frames_out: IntCounter = "deskwire_frames_out_total";
    /// Requests refused, by reason.
    refusals: Counters<Refusal> = "deskwire_refusals_total", "reason";
    /// How long posts and notes took from the read of their frame to their acknowledgement, in seconds.
    post_seconds: Histogram = "deskwire_post_seconds", FINE;
    /// Staff sign-ins, by outcome.
    sign_ins: Counters<SignIn> = "deskwire_sign_ins_total", "outcome";

    /// Actors that live now, by kind.
    actors: Gauges<ActorKind> = "deskwire_actors", "actor";
    /// Actors that fell, by kind.
    falls: Counters<ActorKind> = "deskwire_actor_falls_total", "actor";
    /// Tickets that are set aside after repeated falls.
    rooms_set_aside: IntGauge = "deskwire_rooms_set_aside";

    /// Tickets that wait.
    queue_waiting: IntGauge = "deskwire_queue_waiting";
    /// How long the ticket that waits longest has waited, in seconds.
    queue_oldest_wait: Gauge = "deskwire_queue_oldest_wait_seconds";
    /// How long tickets waited until they were given to an agent for the first time, in seconds.
    queue_wait: Histogram = "deskwire_queue_wait_seconds", WAITS;
    /// How far off the estimated wait was that a customer was told first, once his ticket had an agent, in seconds.
    wait_estimate_error: Histogram = "deskwire_wait_estimate_error_seconds", WAITS;
    /// Tickets given to an agent, by how.
    matches: Counters<Routing> = "deskwire_matches_total", "routing";
    /// Things that must never be and were seen, by which; stays 0.
    invariant_violations: Counters<Invariant> = "deskwire_invariant_violations_total", "invariant";

    /// Events written to the log.
    appends: IntCounter = "deskwire_store_appends_total";
    /// Records written.
    records: IntCounter = "deskwire_store_records_total";
    /// Appends that wait for the writer.
    store_queue: IntGauge = "deskwire_store_queue";
    /// Appends in one commit.
    commit_size: Histogram = "deskwire_store_commit_appends", SIZES;
    /// How long a commit took from its first append's arrival at the writer until it was on disk and could be
    /// read, in seconds.
    commit_seconds: Histogram = "deskwire_store_commit_seconds", SECONDS;
    /// How long one write of the journal with its fdatasync took, in seconds.
    sync_seconds: Histogram = "deskwire_store_sync_seconds", SECONDS;
    /// How long the oldest append that is not yet on disk has waited, in seconds.
    unsynced_age: Gauge = "deskwire_store_unsynced_age_seconds";
    /// Room on the disk: 0 is well, 1 is low, 2 is the lowest.
    disk_state: IntGauge = "deskwire_disk_state";
    /// Bytes free on the disk of the data directory.
    disk_free: IntGauge = "deskwire_disk_free_bytes";
    /// Clients that had seen more than the log holds: history was lost.
    clients_ahead: IntCounter = "deskwire_clients_ahead_total";
    /// CPU that this process has used, of the user's and the system's kind, in seconds.
    process_cpu: Counter = "process_cpu_seconds_total";
    /// Resident memory of this process, in bytes.
    process_memory: IntGauge = "process_resident_memory_bytes";
    /// Tickets that a supervisor gave to an agent, or took, beyond the limit of his slots or his team's.
    limit_overrides: IntCounter = "deskwire_limit_overrides_total";
}

impl Metrics {
    /// The state of the disk, as the gauge says it.
    pub fn set_disk_state(&self, state: DiskState) {
        self.disk_state.set(state as i64);
    }

    /// All of them in the text format of Prometheus.
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        TextEncoder::new()
            .encode(&self.registry.gather(), &mut text)
            .expect("every family has metrics from the start, and memory takes every write");
        String::from_utf8(text).expect("the text format is UTF-8")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_and_every_child_is_scraped_from_the_start() {
        let text = Metrics::new().text();
        for name in Metrics::NAMES {
            assert!(text.contains(&format!("# TYPE {name} ")), "{name} is missing");
        }
        for refusal in Refusal::ALL {
            let child = format!("deskwire_refusals_total{{reason=\"{}\"}} 0", Label::word(*refusal));
            assert!(text.contains(&child), "{child} is missing");
        }
    }

    #[test]
    fn names_follow_the_convention() {
        let text = Metrics::new().text();
        for name in Metrics::NAMES {
            // What every process has is called the same everywhere.
            assert!(name.starts_with("deskwire_") || name.starts_with("process_"), "{name}");
            let counter = text.contains(&format!("# TYPE {name} counter"));
            assert_eq!(counter, name.ends_with("_total"), "{name}: counters and only they end in _total");
        }
    }

    #[test]
    fn a_child_counts_for_its_own_word() {
        let metrics = Metrics::new();
        metrics.refusals[Refusal::Busy].inc();
        metrics.actors[ActorKind::Room].set(3);
        metrics.set_disk_state(DiskState::Low);
        let text = metrics.text();
        assert!(text.contains("deskwire_refusals_total{reason=\"busy\"} 1"));
        assert!(text.contains("deskwire_actors{actor=\"room\"} 3"));
        assert!(text.contains("deskwire_disk_state 1"));
    }
}
