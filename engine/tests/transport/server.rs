//! A server on loopback with a handler that echoes, holds its permits, or admits nobody.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use deskwire::actors::connections::{Bounds, Connections, Patience};
use deskwire::actors::encoded::Audience;
use deskwire::actors::outbox::Outbox;
use deskwire::actors::permit::Permit;
use deskwire::transport::{Handler, Message, Server, Settings};
use deskwire_protocol::CloseCode;

use crate::client::PATIENCE;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Echo,
    Hold,
    AdmitNobody,
    Unauthenticated,
    Panic,
}

pub struct Bench {
    manner: Manner,
    pub opened: AtomicUsize,
    pub closed: AtomicUsize,
    pub held: Mutex<Vec<Permit>>,
    pub outboxes: Mutex<Vec<Outbox>>,
    pub tokens: Mutex<Vec<Option<String>>>,
}

impl Handler for Bench {
    type Peer = ();

    fn opened(&self, outbox: &Outbox, token: Option<String>) -> Result<(), CloseCode> {
        self.tokens.lock().unwrap().push(token);
        if self.manner == Manner::Unauthenticated {
            return Err(CloseCode::Unauthenticated);
        }
        self.opened.fetch_add(1, SeqCst);
        if self.manner != Manner::AdmitNobody {
            outbox.admit(Audience::Customer);
        }
        self.outboxes.lock().unwrap().push(outbox.clone());
        Ok(())
    }

    fn message(&self, (): &mut (), outbox: &Outbox, permit: Permit, message: Message<'_>) -> Result<(), CloseCode> {
        match self.manner {
            Manner::Panic => panic!("as the test wants it"),
            Manner::Hold => self.held.lock().unwrap().push(permit),
            Manner::Echo | Manner::AdmitNobody | Manner::Unauthenticated => {
                outbox.echo(message.form(), message.bytes());
            }
        }
        Ok(())
    }

    fn closed(&self, (): ()) {
        self.closed.fetch_add(1, SeqCst);
    }
}

pub struct Running {
    pub server: Server,
    pub bench: Arc<Bench>,
    pub connections: Arc<Connections>,
}

impl Running {
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub fn first(&self) -> Outbox {
        self.bench.outboxes.lock().unwrap()[0].clone()
    }
}

pub fn start(manner: Manner) -> Running {
    start_with(manner, settings(), Bounds::default())
}

/// Settings for few sockets; silence as in earnest.
pub fn settings() -> Settings {
    Settings { sockets_max: 256, sweep_every_ms: 1_000, ..Settings::default() }
}

/// Short silences, for the tests of silence.
pub fn impatient() -> Settings {
    let patience = Patience { first_frame_ms: 500, ping_after_ms: 200, silent_after_ms: 1_500, linger_ms: 500 };
    Settings { patience, sweep_every_ms: 50, ..settings() }
}

pub fn start_with(manner: Manner, settings: Settings, bounds: Bounds) -> Running {
    let bench = Arc::new(Bench {
        manner,
        opened: AtomicUsize::new(0),
        closed: AtomicUsize::new(0),
        held: Mutex::default(),
        outboxes: Mutex::default(),
        tokens: Mutex::default(),
    });
    let connections = Connections::new(bounds);
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::start(loopback, settings, router(), Arc::clone(&bench), Arc::clone(&connections)).unwrap();
    Running { server, bench, connections }
}

fn router() -> Router {
    Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route("/length", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/never", get(std::future::pending::<&'static str>))
}

/// Waits for something that will be so; a few milliseconds between looks.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let mut looks = tokio::time::interval(Duration::from_millis(2));
    let waiting = async {
        while !is_so() {
            looks.tick().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "in vain: {what}");
}
