//! The accept loop: bounded, patient with a full process, and able to leave in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use deskwire_protocol::CloseCode;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::connection::Connection;
use super::crowd::Crowd;
use super::door::{Agreed, Door, Sockets};
use super::settings::Settings;
use super::{Handler, Message};
use crate::actors::connections::Connections;
use crate::actors::outbox::Outbox;
use crate::actors::permit::Permit;

/// Connections that may wait to be accepted: a whole floor comes back at once after a restart.
const BACKLOG: i32 = 4_096;
/// How long the loop leaves a full process alone.
const BACK_OFF: Duration = Duration::from_millis(50);
/// How often a drain looks whether everything is answered.
const ANSWERED_EVERY: Duration = Duration::from_millis(5);

/// What a listener has seen since its start.
#[derive(Debug, Default)]
pub struct Seen {
    /// Connections accepted.
    pub accepted: AtomicU64,
    /// Of these, turned away with 503.
    pub crowded: AtomicU64,
    /// Times the process had no descriptor or memory left for another one.
    pub exhausted: AtomicU64,
    /// WebSockets opened.
    pub upgraded: AtomicU64,
}

/// A listener at work. Dropping it ends the accepting; [`Server::drain`] ends everything in good order.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    leave: watch::Sender<bool>,
    connections: Option<Arc<Connections>>,
    sweeper: Option<JoinHandle<()>>,
}

struct Shared {
    settings: Arc<Settings>,
    router: Router,
    places: Arc<Semaphore>,
    crowd: Crowd,
    seen: Seen,
    leaving: watch::Receiver<bool>,
}

/// Where WebSockets go.
struct Desk<H> {
    handler: Arc<H>,
    connections: Arc<Connections>,
}

/// The handler of a listener that takes no WebSockets.
enum Nobody {}

impl Handler for Nobody {
    type Peer = ();

    fn opened(&self, _: &Outbox, _: Option<String>) -> Result<(), CloseCode> {
        match *self {}
    }

    fn message(&self, (): &mut (), _: &Outbox, _: Permit, _: Message<'_>) -> Result<(), CloseCode> {
        match *self {}
    }

    fn closed(&self, (): ()) {}
}

impl Server {
    /// Serves HTTP, and WebSockets on `/ws`. One listener sweeps these connections: give them to no second one.
    pub fn start<H: Handler>(
        address: SocketAddr,
        settings: Settings,
        router: Router,
        handler: Arc<H>,
        connections: Arc<Connections>,
    ) -> io::Result<Server> {
        let desk = Desk { handler, connections: Arc::clone(&connections) };
        let mut server = Server::listen(address, settings, router, Some(desk))?;
        server.sweeper = Some(tokio::spawn(sweep(Arc::clone(&connections), Arc::clone(&server.shared.settings))));
        server.connections = Some(connections);
        Ok(server)
    }

    /// Serves HTTP alone.
    pub fn start_http(address: SocketAddr, settings: Settings, router: Router) -> io::Result<Server> {
        Server::listen(address, settings, router, None::<Desk<Nobody>>)
    }

    fn listen<H: Handler>(
        address: SocketAddr,
        settings: Settings,
        router: Router,
        desk: Option<Desk<H>>,
    ) -> io::Result<Server> {
        let listener = bind(address)?;
        let address = listener.local_addr()?;
        let (leave, leaving) = watch::channel(false);
        let shared = Arc::new(Shared {
            places: Arc::new(Semaphore::new(settings.sockets_max)),
            settings: Arc::new(settings),
            router,
            crowd: Crowd::new(),
            seen: Seen::default(),
            leaving,
        });
        tokio::spawn(accept(listener, Arc::clone(&shared), desk.map(Arc::new)));
        Ok(Server { address, shared, leave, connections: None, sweeper: None })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has seen.
    pub fn seen(&self) -> &Seen {
        &self.shared.seen
    }

    /// What counts the connections turned away with 503, for as long as anybody looks.
    pub fn crowded(&self) -> impl Fn() -> u64 + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.seen.crowded.load(Relaxed)
    }

    /// Connections open now, HTTP and WebSocket together.
    pub fn open(&self) -> usize {
        self.shared.settings.sockets_max - self.shared.places.available_permits()
    }

    /// Accepts no more and lets running requests end; WebSockets stay open.
    pub fn leave(&self) {
        self.leave.send_replace(true);
    }

    /// Leaves, waits for the answers to what was accepted, but at most half of the time, tells every WebSocket when to
    /// come back and closes it. Returns whether all were gone in time.
    pub async fn drain(self, within: Duration) -> bool {
        self.leave();
        if let Some(connections) = &self.connections {
            if timeout(within / 2, answered(connections)).await.is_err() {
                tracing::warn!(frames = connections.in_flight(), "not everything that was accepted is answered");
            }
            connections.say_goodbye(self.shared.settings.return_spread_ms);
        }
        let all = u32::try_from(self.shared.settings.sockets_max).expect("sockets are counted in thousands");
        let empty = timeout(within / 2, self.shared.places.acquire_many(all)).await;
        empty.is_ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.leave();
        if let Some(sweeper) = &self.sweeper {
            sweeper.abort();
        }
    }
}

/// Comes back when no frame is in flight.
async fn answered(connections: &Connections) {
    let mut looks = interval(ANSWERED_EVERY);
    while connections.in_flight() > 0 {
        looks.tick().await;
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Lets the coarse clock of the connections run: it counts its own ticks and reads no other.
async fn sweep(connections: Arc<Connections>, settings: Arc<Settings>) {
    let mut ticks = interval(Duration::from_millis(u64::from(settings.sweep_every_ms)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        connections.sweep(settings.sweep_every_ms, &settings.patience);
    }
}

async fn accept<H: Handler>(listener: TcpListener, shared: Arc<Shared>, desk: Option<Arc<Desk<H>>>) {
    let mut leaving = shared.leaving.clone();
    loop {
        let accepted = tokio::select! {
            biased;
            () = left(&mut leaving) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => admit(stream, from, &shared, desk.clone()),
            Err(fault) if is_exhausted(&fault) => {
                shared.seen.exhausted.fetch_add(1, Relaxed);
                tracing::warn!(%fault, "no connection can be accepted for now");
                let _ = timeout(BACK_OFF, left(&mut leaving)).await;
            }
            // The client was gone before we came to it.
            Err(_gone) => {}
        }
    }
}

/// Comes back when the listener is to leave, or its server is gone.
async fn left(leaving: &mut watch::Receiver<bool>) {
    let _ = leaving.wait_for(|leave| *leave).await;
}

/// Whether the process or the machine is out of something, which passes.
fn is_exhausted(fault: &io::Error) -> bool {
    matches!(fault.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM))
}

fn admit<H: Handler>(stream: TcpStream, from: SocketAddr, shared: &Arc<Shared>, desk: Option<Arc<Desk<H>>>) {
    shared.seen.accepted.fetch_add(1, Relaxed);
    match Arc::clone(&shared.places).try_acquire_owned() {
        Ok(place) => {
            tokio::spawn(serve(stream, from, Arc::clone(shared), desk, place));
        }
        Err(_full) => {
            shared.seen.crowded.fetch_add(1, Relaxed);
            shared.crowd.turn_away(stream);
        }
    }
}

/// One connection as HTTP; if it asks for an upgrade, what comes after is a lean task of its own.
async fn serve<H: Handler>(
    stream: TcpStream,
    from: SocketAddr,
    shared: Arc<Shared>,
    desk: Option<Arc<Desk<H>>>,
    place: OwnedSemaphorePermit,
) {
    let tuned = SockRef::from(&stream);
    // Without these it is slower to answer and slower to notice the dead, but it works.
    let _ = tuned.set_tcp_nodelay(true);
    let _ = tuned.set_tcp_user_timeout(Some(shared.settings.unheard_within));
    let sockets = if desk.is_some() { Sockets::Taken } else { Sockets::NotHere };
    let door = Door::new(Arc::clone(&shared.settings), shared.router.clone(), sockets, from);
    serve_http(stream, &shared, &door).await;
    if let (Some(agreed), Some(desk)) = (door.agreed(), desk) {
        upgrade(agreed, &shared, &desk, place).await;
    }
}

/// Answers requests until the connection ends, or is to be upgraded. Its future must be gone by the time that the upgrade
/// is awaited: one that failed holds the other end of that, for ever.
async fn serve_http(stream: TcpStream, shared: &Shared, door: &Door) {
    let settings = &shared.settings;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(settings.header_within)
        .max_header_size(settings.header_bytes_max)
        .max_buf_size(settings.header_bytes_max.max(8 * 1024));
    let connection = http.serve_connection(TokioIo::new(stream), door.clone()).with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let mut leaving = shared.leaving.clone();
    // How an HTTP connection ends is its client's affair: there is nothing to do about a fault.
    let _ = tokio::select! {
        ended = connection.as_mut() => ended,
        () = left(&mut leaving) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
}

/// Takes the bare socket out of the upgraded connection and gives it to a lean task.
async fn upgrade<H: Handler>(agreed: Agreed, shared: &Arc<Shared>, desk: &Desk<H>, place: OwnedSemaphorePermit) {
    let Agreed { upgrade, invitation } = agreed;
    let Ok(upgraded) = upgrade.await else { return };
    let Ok(parts) = upgraded.into_inner().into_inner().downcast::<TokioIo<TcpStream>>() else {
        return;
    };
    shared.seen.upgraded.fetch_add(1, Relaxed);
    let (_, writer) = desk.connections.open(invitation.form);
    let handler = Arc::clone(&desk.handler);
    let terms = (shared.settings.limits, invitation.token);
    let stream = parts.io.into_inner();
    tokio::spawn(Connection::new(stream, writer, handler, terms, parts.read_buf.to_vec(), place));
    if *shared.leaving.borrow() {
        // It came in while the others were told.
        desk.connections.say_goodbye(shared.settings.return_spread_ms);
    }
}
