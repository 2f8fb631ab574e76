//! A small engine in memory behind a real loopback socket, correct unless a fault is planted in it.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod desk;

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskwire_loadtest::client::codec::{self, Frames, Incoming, Outgoing};
use deskwire_protocol::{ClientFrame, ServerFrame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use desk::Desk;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It acknowledges a post that it never keeps.
    Lose,
    /// It keeps a post twice.
    Double,
    /// It keeps a post after the one that follows it.
    Reorder,
    /// It does not tell one event to one who listens, as if he had been registered too late.
    Gap,
    /// It leaves the last event of a chat untold, with nothing after it that would show it.
    Miss,
    /// It tells one event twice.
    Repeat,
    /// It keeps another text than was sent.
    Alter,
    /// It tells one customer of another's chat.
    Leak,
    /// After its restart the last event of a chat is gone.
    Forget,
    /// After its restart it knows no stream.
    ForgetStreams,
    /// It answers a repeat with another place than the first time.
    Contradict,
    /// It tells one event with another text than it keeps.
    Differ,
    /// It refuses a post for good and keeps it.
    RefuseYetKeep,
    /// It does not let a closed ticket be read any more.
    Hide,
    /// It says of itself that an invariant was violated.
    Violate,
    /// It says nothing before some time has passed, and breaks no promise.
    #[allow(dead_code, reason = "not every test is about it")]
    Late,
}

/// The engine, running.
pub struct Fake {
    /// Where.
    pub address: SocketAddr,
    peers: Arc<Mutex<Vec<IpAddr>>>,
    _runtime: Runtime,
}

/// Ways to the connections, and the end of all of them at a restart.
pub type Outbox = mpsc::Sender<Vec<u8>>;

impl Fake {
    /// Starts it. `restart_after` posts it falls once: every connection ends, and what it kept is there again.
    pub fn start(fault: Fault, restart_after: Option<u32>) -> Fake {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let late = Duration::from_millis(if matches!(fault, Fault::Late) { 700 } else { 0 });
        let (fall, fallen) = watch::channel(0_u32);
        let desk = Arc::new(Mutex::new(Desk::new(fault, restart_after, fall)));
        let peers = Arc::new(Mutex::new(Vec::new()));
        let seen = peers.clone();
        runtime.spawn(async move {
            let next = AtomicU32::new(1);
            while let Ok((stream, peer)) = listener.accept().await {
                seen.lock().unwrap().push(peer.ip());
                let connection = next.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, connection, desk.clone(), fallen.clone(), late));
            }
        });
        Fake { address, peers, _runtime: runtime }
    }

    /// Where each of its connections came from so far, in their order.
    pub fn peers(&self) -> Vec<IpAddr> {
        self.peers.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: u32,
    desk: Arc<Mutex<Desk>>,
    mut fallen: watch::Receiver<u32>,
    late: Duration,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if head.starts_with("POST /api/auth/login ") {
        return sign_in(stream, head).await;
    }
    if head.starts_with("GET /metrics ") {
        let violations = desk.lock().unwrap().violations();
        return metrics(stream, violations).await;
    }
    assert!(head.contains("Sec-WebSocket-Protocol: deskwire.v1\r\n"), "{head}");
    stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").await.unwrap();
    stream.set_nodelay(true).unwrap();
    fallen.mark_unchanged();
    let (mut read, mut write) = stream.into_split();
    let (outbox, mut waiting) = mpsc::channel::<Vec<u8>>(100_000);
    desk.lock().unwrap().connected(connection, outbox);
    let mut frames = Frames::default();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        tokio::select! {
            _ = fallen.changed() => break,
            frame = waiting.recv() => match frame {
                Some(frame) => {
                    if !late.is_zero() {
                        let _ = tokio::time::timeout(late, std::future::pending::<()>()).await;
                    }
                    let mut bytes = Vec::new();
                    codec::write(&mut bytes, Outgoing::Message, &frame, None);
                    while let Ok(frame) = waiting.try_recv() {
                        codec::write(&mut bytes, Outgoing::Message, &frame, None);
                    }
                    if write.write_all(&bytes).await.is_err() { break }
                }
                None => break,
            },
            count = read.read(&mut buffer) => {
                let count = count.unwrap_or(0);
                let mut open = count > 0;
                let mut desk = desk.lock().unwrap();
                frames.feed(&buffer[..count], |incoming| match incoming {
                    Incoming::Message(bytes) => desk.hear(connection, ClientFrame::decode(bytes).unwrap()),
                    Incoming::Close(_) => open = false,
                    Incoming::Ping(_) | Incoming::Pong => {}
                }).unwrap();
                if !open { break }
            }
        }
    }
    desk.lock().unwrap().gone(connection);
}

/// The credentials are one object without braces inside. The token is the address; the password must be that of the demo.
async fn sign_in(mut stream: TcpStream, head: String) {
    let mut body = head.split("\r\n\r\n").nth(1).unwrap_or_default().as_bytes().to_vec();
    while !body.ends_with(b"}") {
        assert!(stream.read_buf(&mut body).await.unwrap() > 0);
    }
    let asked: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(asked["password"], "deskwire-demo");
    let answer = serde_json::json!({ "token": asked["email"] }).to_string();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    stream.write_all((head + &answer).as_bytes()).await.unwrap();
}

/// Its own process is the test's.
async fn metrics(mut stream: TcpStream, violations: u32) {
    let own = deskwire_loadtest::process::own().unwrap();
    let page = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n# TYPE process_cpu_seconds_total counter\n\
         process_cpu_seconds_total {}\nprocess_resident_memory_bytes {}\n\
         deskwire_invariant_violations_total{{invariant=\"two_owners\"}} {violations}\n",
        own.cpu.as_secs_f64(),
        own.rss_bytes
    );
    let _ = stream.write_all(page.as_bytes()).await;
}

/// Sends a frame, if the connection is still there.
pub fn send(outbox: &Outbox, frame: impl Into<ServerFrame>) {
    let _ = outbox.try_send(frame.into().encode());
}
