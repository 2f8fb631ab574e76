//! The running engine: everything is opened, wired up, and let go of in order.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use ractor::Actor;
use tokio::signal::unix::{SignalKind, signal};

use crate::actors::connections::{Bounds, Connections, Patience};
use crate::actors::desk::{Desk, Limits, Parts};
use crate::actors::discussions;
use crate::actors::marks;
use crate::actors::root::{EXIT_SUPERVISOR, Root};
use crate::actors::statuses;
use crate::clock::Clock;
use crate::config::Settings;
use crate::gauges;
use crate::identity::{Accounts, Identity, Keep, Keys, Tokens, demo};
use crate::metrics::Metrics;
use crate::store::{CommitReport, RecordKind, RecordPut, Store, StoreHandle, StoreSettings, StoreThread};
use crate::transport::http::auth::Api;
use crate::transport::listener::Server;
use crate::transport::reception::Reception;
use crate::transport::{self, http};

const MIB: u64 = 1 << 20;

/// Exit code: something that is needed at start cannot be had.
const EXIT_START: u8 = 1;
/// Exit code: an address cannot be listened on.
const EXIT_LISTEN: u8 = 3;

/// Connections of operators at once. They come out of the descriptors that the public listener leaves to others.
const OPS_SOCKETS_MAX: usize = 64;

/// Tickets that each of the demonstration's agents may have at once.
const DEMO_SLOTS: u16 = 12;
/// Sign-ins a minute from one address in the demonstration: all of its staff come from this machine.
const DEMO_SIGN_INS: u32 = 10_000;

/// For whom the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A desk with what is in its store.
    Serve,
    /// A desk with demonstration staff and categories, put in at the first start.
    Demo,
}

/// Why the engine ended, for people and for whoever started it.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub struct Ended {
    /// What happened and what to do.
    pub words: String,
    /// The exit code of the process.
    pub exit_code: u8,
}

impl Ended {
    fn new(exit_code: u8, words: impl Display) -> Ended {
        Ended { words: words.to_string(), exit_code }
    }
}

/// Runs until it is told to stop (SIGTERM, SIGINT) and everything accepted is kept.
pub async fn run(settings: Settings, mode: Mode) -> Result<(), Ended> {
    let stop = signals().map_err(|fault| Ended::new(EXIT_START, fault))?;
    let running = Running::start(&settings, mode).await?;
    if mode == Mode::Demo {
        let (listen, ops) = (running.server.address(), running.ops.address());
        println!("{}", demo::greeting(listen, ops, settings.demo.password.reveal()));
    }
    tracing::info!(listen = %running.server.address(), ops = %running.ops.address(), "the desk is open");
    let fell = tokio::select! {
        () = stop => None,
        ended = running.root_ended => Some(ended),
    };
    if let Some(ended) = fell {
        return Err(Ended::new(EXIT_SUPERVISOR as u8, format!("the root of the actors ended: {ended:?}")));
    }
    running.desk.close();
    tracing::info!("the desk closes");
    let within = Duration::from_secs(u64::from(settings.serve.drain_seconds));
    if !running.server.drain(within).await {
        tracing::warn!("not every connection was gone in time");
    }
    running.store.stop().await;
    tracing::info!("everything that was acknowledged is kept");
    Ok(())
}

/// Everything that runs.
struct Running {
    desk: Arc<Desk>,
    server: Server,
    ops: Server,
    store: StoreThread,
    root_ended: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn start(settings: &Settings, mode: Mode) -> Result<Running, Ended> {
        let metrics = Arc::new(Metrics::new());
        let (handle, store) = open_store(settings, &metrics)?;
        let (accounts, tokens) = people(settings, mode, &handle).await?;
        let bounds = Bounds {
            outward_bytes_max: settings.actors.outbound_mib as usize * MIB as usize,
            inward_bytes_max: settings.actors.inbound_mib as usize * MIB as usize,
            ..Bounds::default()
        };
        let desk = Desk::new(Parts {
            ticket_key: ticket_key(&handle).await.map_err(|fault| Ended::new(EXIT_START, fault))?,
            store: handle,
            clock: Clock::system(),
            metrics,
            connections: Connections::new(bounds),
            accounts: accounts.clone(),
            limits: limits(settings),
        });
        statuses::keep(&desk).await.map_err(|fault| Ended::new(EXIT_START, fault))?;
        marks::keep(&desk);
        desk.evaluations.load(&desk.store).await.map_err(|fault| Ended::new(EXIT_START, fault))?;
        desk.canned.load(&desk.store).await.map_err(|fault| Ended::new(EXIT_START, fault))?;
        discussions::load(&desk).await.map_err(|fault| Ended::new(EXIT_START, fault))?;
        let (_, root_ended) =
            Actor::spawn(None, Root, desk.clone()).await.map_err(|fault| Ended::new(EXIT_START, fault))?;
        let per_minute = if mode == Mode::Demo { DEMO_SIGN_INS } else { settings.auth.sign_ins_per_minute };
        let identity = Arc::new(Identity::new(accounts, tokens, per_minute));
        let (server, ops) = listen(settings, &desk, identity)?;
        Ok(Running { desk, server, ops, store, root_ended })
    }
}

fn open_store(settings: &Settings, metrics: &Arc<Metrics>) -> Result<(StoreHandle, StoreThread), Ended> {
    let metrics = metrics.clone();
    let on_commit = move |report: &CommitReport| {
        metrics.appends.inc_by(u64::from(report.events));
        metrics.records.inc_by(u64::from(report.records));
        metrics.commit_size.observe(f64::from(report.appends));
        metrics.sync_seconds.observe(report.sync_nanos as f64 / 1e9);
        metrics.commit_seconds.observe((report.apply_nanos + report.sync_nanos) as f64 / 1e9);
    };
    let store = StoreSettings { on_commit: Some(Arc::new(on_commit)), ..store_settings(settings) };
    Store::open(&settings.serve.data, store).map_err(|fault| Ended::new(fault.exit_code() as u8, fault))
}

async fn people(settings: &Settings, mode: Mode, store: &StoreHandle) -> Result<(Arc<Accounts>, Arc<Tokens>), Ended> {
    let start = |fault: &dyn Display| Ended::new(EXIT_START, fault);
    let accounts = Accounts::load(Keep::Store(store.clone())).await.map_err(|fault| start(&fault))?;
    match mode {
        Mode::Serve => demo::first_category(&accounts).await,
        Mode::Demo => demo::seed(&accounts, settings.demo.password.reveal(), DEMO_SLOTS).await,
    }
    .map_err(|fault| start(&fault))?;
    let keys = Keys::open(&settings.keys_dir(), &settings.auth.signing_key).map_err(|fault| start(&fault))?;
    let staff_ms = u64::from(settings.auth.staff_minutes) * 60_000;
    let customer_ms = u64::from(settings.auth.customer_days) * 24 * 60 * 60_000;
    let tokens = Tokens::new(keys, &settings.auth.issuer, staff_ms, customer_ms);
    Ok((Arc::new(accounts), Arc::new(tokens)))
}

/// The key of ticket ids: made once, kept in the store.
async fn ticket_key(store: &StoreHandle) -> Result<[u8; 32], Box<dyn std::error::Error>> {
    const NAME: &[u8] = b"ticket_key";
    if let Some(record) = store.record(RecordKind::Setting, NAME).await? {
        return Ok(record.bytes.as_slice().try_into()?);
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key)?;
    store.commit(vec![RecordPut::put(RecordKind::Setting, NAME, 1, key)]).await?;
    Ok(key)
}

fn listen(settings: &Settings, desk: &Arc<Desk>, identity: Arc<Identity>) -> Result<(Server, Server), Ended> {
    let transport = transport(settings);
    let sockets_max = transport.sockets_max.min(settings.serve.connections as usize);
    let transport = transport::settings::Settings { sockets_max, ..transport };
    let api = Api { identity: identity.clone(), clock: desk.clock.clone(), metrics: desk.metrics.clone() };
    let reception = Arc::new(Reception::new(desk.clone(), identity));
    let (address, connections) = (settings.serve.listen, desk.connections.clone());
    let server =
        Server::start(address, transport.clone(), http::public(api, reception.clone()), reception, connections)
            .map_err(|fault| Ended::new(EXIT_LISTEN, format!("cannot listen on {address}: {fault}")))?;
    let address = settings.serve.ops_listen;
    let transport = transport::settings::Settings { sockets_max: OPS_SOCKETS_MAX.min(sockets_max), ..transport };
    let ops = Server::start_http(address, transport, http::ops::router(gauges::ops(desk.clone(), server.crowded())))
        .map_err(|fault| Ended::new(EXIT_LISTEN, format!("cannot listen on {address}: {fault}")))?;
    Ok((server, ops))
}

fn transport(settings: &Settings) -> transport::settings::Settings {
    let (ping_after_ms, silent_after_ms) = (settings.serve.ping_seconds * 1_000, settings.serve.silent_seconds * 1_000);
    transport::settings::Settings {
        origins: settings.serve.origins.clone(),
        patience: Patience { ping_after_ms, silent_after_ms, ..Patience::default() },
        unheard_within: Duration::from_millis(u64::from(silent_after_ms)),
        ..transport::settings::Settings::default()
    }
}

fn limits(settings: &Settings) -> Limits {
    Limits {
        rooms_max: settings.actors.rooms as usize,
        idle_ms: u64::from(settings.actors.idle_seconds) * 1_000,
        waiting_max: settings.desk.waiting as usize,
        busy_ms: u64::from(settings.store.busy_ms),
        members_max: settings.rooms.members_max,
    }
}

/// Resolves when the process is told to stop.
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The store's settings out of the engine's.
pub fn store_settings(settings: &Settings) -> StoreSettings {
    let limits = &settings.store;
    StoreSettings {
        disk_low_bytes: u64::from(limits.disk_low_mib) * MIB,
        disk_lowest_bytes: u64::from(limits.disk_lowest_mib) * MIB,
        ballast_bytes: u64::from(limits.ballast_mib) * MIB,
        reserve_bytes: u64::from(limits.reserve_mib) * MIB,
        stalled_ms: u64::from(limits.slow_seconds) * 1_000,
        stalled_fatal_ms: u64::from(limits.fatal_seconds) * 1_000,
        ..StoreSettings::default()
    }
}
