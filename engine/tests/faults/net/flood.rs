//! Floods of connections, more than may be open: those who talk talk on, others come in as soon as there is a place.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use deskwire_protocol::ClientFrame;
use deskwire_protocol::kinds::Hello;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};

use super::raw::{self, frame};
use super::{chats_at, descriptors};
use crate::engine::{ANYWHERE, Engine, PATIENCE};
use crate::load::{Size, assert_kept, figures, is_long, wait_until};
use crate::row::{broken, row};

/// How large a flood is.
#[derive(Clone, Copy)]
struct Scale {
    /// Open files that the engine may have.
    files: usize,
    /// Connections that it takes.
    connections: usize,
    /// Who floods one listener: more than may be connected, and on both more than there may be files.
    flooders: usize,
    /// The people who talk meanwhile, for so long.
    size: Size,
    /// How long each flood lasts.
    each: Duration,
}

/// A flooder's socket is a file of this process, which may have 20,000.
fn scale() -> Scale {
    match is_long() {
        true => Scale {
            files: 8_000,
            connections: 4_000,
            flooders: 6_000,
            size: Size { customers: 120, agents: 20, rate: 200, seconds: 130, chat_posts: 20 },
            each: Duration::from_secs(15),
        },
        false => Scale {
            files: 1_000,
            connections: 400,
            flooders: 700,
            size: Size { customers: 16, agents: 5, rate: 80, seconds: 10, chat_posts: 12 },
            each: Duration::from_millis(1_200),
        },
    }
}

/// How long a flooder waits before he comes again.
const AGAIN: Duration = Duration::from_millis(30);
/// Files that come and go with the work of the store.
const FILES_SPARE: usize = 12;

/// What those do who flood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Silent,
    HalfHandshake,
    NoHello,
    ByteASecond,
    Newcomers,
}

const KINDS: [Kind; 5] = [Kind::Silent, Kind::HalfHandshake, Kind::NoHello, Kind::ByteASecond, Kind::Newcomers];

/// What they have met.
#[derive(Debug, Default)]
struct Met {
    over: AtomicBool,
    dials: AtomicU64,
    /// Answered that there is no place, in so many words.
    told: AtomicU64,
    /// Answered anything else that is no upgrade.
    wrong: AtomicU64,
}

/// A flood underway, on threads of its own.
struct Flood {
    met: Arc<Met>,
    runtime: Runtime,
}

impl Flood {
    fn start(address: SocketAddr, kind: Kind, flooders: usize) -> Flood {
        let (met, runtime) = (Arc::new(Met::default()), Runtime::new().unwrap());
        for number in 0..flooders {
            let met = met.clone();
            runtime.spawn(async move {
                while !met.over.load(Relaxed) {
                    met.dials.fetch_add(1, Relaxed);
                    // Whatever ends it: he comes again.
                    let _ = once(address, number, kind, &met).await;
                    sleep(AGAIN).await;
                }
            });
        }
        Flood { met, runtime }
    }

    /// All of them are gone at once.
    fn end(self) -> Arc<Met> {
        self.met.over.store(true, Relaxed);
        self.runtime.shutdown_timeout(PATIENCE);
        self.met
    }
}

async fn once(address: SocketAddr, number: usize, kind: Kind, met: &Met) -> std::io::Result<()> {
    let request = raw::handshake("deskwire.v1");
    match kind {
        Kind::Silent => wait_for_the_end(&mut raw::dial(address, number).await?).await,
        Kind::HalfHandshake => {
            let mut stream = raw::dial(address, number).await?;
            stream.write_all(&request[..request.len() / 2]).await?;
            wait_for_the_end(&mut stream).await
        }
        Kind::ByteASecond => {
            let mut stream = raw::dial(address, number).await?;
            for byte in request {
                stream.write_all(&[byte]).await?;
                sleep(Duration::from_secs(1)).await;
            }
            Ok(())
        }
        Kind::NoHello => match open(address, number, met).await {
            Some(mut stream) => wait_for_the_end(&mut stream).await,
            None => Ok(()),
        },
        Kind::Newcomers => match open(address, number, met).await {
            Some(stream) => greet(stream).await,
            None => Ok(()),
        },
    }
}

/// An open WebSocket; where there is none, what was said is counted.
async fn open(address: SocketAddr, number: usize, met: &Met) -> Option<TcpStream> {
    match raw::open(address, number, "deskwire.v1").await {
        Ok(stream) => Some(stream),
        Err(head) => {
            if head.starts_with("HTTP/1.1 503") && head.contains("retry-after: ") {
                met.told.fetch_add(1, Relaxed);
            } else if head.starts_with("HTTP") {
                met.wrong.fetch_add(1, Relaxed);
            }
            None
        }
    }
}

async fn wait_for_the_end(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut bytes = [0; 1_024];
    while stream.read(&mut bytes).await? > 0 {}
    Ok(())
}

/// Says hello as a new customer, and hears the welcome.
async fn greet(mut stream: TcpStream) -> std::io::Result<()> {
    let hello = Hello { token: String::new(), name: "Newcomer".into(), email: String::new() };
    stream.write_all(&frame(0x82, &ClientFrame::from(hello).encode())).await?;
    let (first, _) = raw::next(&mut stream).await?;
    if first == 0x82 { Ok(()) } else { Err(std::io::Error::other("no welcome")) }
}

/// How long an honest customer tries until he is welcomed, once a tenth of a second.
fn comes_in(address: SocketAddr) -> Duration {
    let begun = Instant::now();
    let tries = async {
        loop {
            if let Ok(stream) = raw::open(address, 0, "deskwire.v1").await
                && greet(stream).await.is_ok()
            {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    let came = Runtime::new().unwrap().block_on(async { timeout(PATIENCE, tries).await });
    assert!(came.is_ok(), "an honest customer does not come in");
    begun.elapsed()
}

/// An engine with few files.
fn engine(data: &std::path::Path, files: usize, connections: usize) -> Engine {
    let limit = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
    let connections = connections.to_string();
    Engine::on(data, ANYWHERE, &[("SERVE_CONNECTIONS", &connections)], &["sh", "-c", &limit])
}

/// What one kind of flood came to.
struct Came {
    met: Arc<Met>,
    /// How long a new customer took to come in afterwards.
    back: Duration,
}

/// Floods for a while; the places were taken, and are given back.
fn flood(engine: &Engine, kind: Kind, scale: Scale, before: usize) -> Came {
    let flood = Flood::start(engine.address, kind, scale.flooders);
    std::thread::sleep(scale.each);
    // Newcomers go as they come; of the others more stay than there are places.
    if kind != Kind::Newcomers {
        wait_until("all places are taken", || descriptors(engine) > scale.connections);
    }
    let met = flood.end();
    let back = comes_in(engine.address);
    wait_until("what the flood held is given back", || descriptors(engine) <= before + FILES_SPARE);
    Came { met, back }
}

/// Promise 6: each kind of flood in turn, over those who talk.
#[test]
fn a_flood_of_connections_ends_no_chat_and_leaves_nothing_behind() {
    let (scale, data) = (scale(), tempfile::tempdir().unwrap());
    let engine = engine(data.path(), scale.files, scale.connections);
    let load = chats_at(engine.address, &engine, scale.size);
    let before = descriptors(&engine);
    let came = KINDS.map(|kind| flood(&engine, kind, scale, before));
    let sum = |count: fn(&Met) -> &AtomicU64| came.iter().map(|one| count(&one.met).load(Relaxed)).sum::<u64>();
    let (dials, told, wrong) = (sum(|met| &met.dials), sum(|met| &met.told), sum(|met| &met.wrong));
    let back = came.iter().map(|one| one.back.as_millis()).max().unwrap();
    let report = load.end();
    row(
        "flood",
        &format!(
            "{} kinds of {} at {} places, {dials} connections, {told} told 503; a new customer in after at most {back} \
             ms; {}",
            KINDS.len(),
            scale.flooders,
            scale.connections,
            figures(&report)
        ),
        broken(&report) + wrong,
    );
    assert_kept(&report);
    assert_eq!(report.counts["connections lost"], 0, "{report}");
    assert!(told > 0 && wrong == 0, "{told} told, {wrong} told otherwise");
    assert!(engine.metric("deskwire_connections_refused_total") >= told as f64);
}

/// Both listeners are flooded with more connections than the process may have files, and may be asked for as many.
#[test]
fn a_flood_of_both_listeners_leaves_the_engine_files_to_work_with() {
    let (scale, data) = (scale(), tempfile::tempdir().unwrap());
    let seconds = if is_long() { 20 } else { 4 };
    let mut engine = engine(data.path(), scale.files, scale.files);
    let load = chats_at(engine.address, &engine, Size { seconds, ..scale.size });
    let before = descriptors(&engine);
    let floods = [engine.address, engine.ops].map(|address| Flood::start(address, Kind::Silent, scale.flooders));
    std::thread::sleep(Duration::from_secs(seconds / 2));
    let full = descriptors(&engine);
    let dials: u64 = floods.into_iter().map(|flood| flood.end().dials.load(Relaxed)).sum();
    let report = load.end();
    wait_until("what the flood held is given back", || descriptors(&engine) <= before + FILES_SPARE);
    engine.terminate();
    let short = engine.said.iter().filter(|line| line.contains("no connection can be accepted for now")).count();
    let figures = format!("{dials} connections, {full} of {} files open; {}", scale.files, figures(&report));
    row("flood of both listeners", &figures, broken(&report) + short as u64);
    assert_kept(&report);
    assert_eq!(report.counts["connections lost"], 0, "{report}");
    assert!(full > scale.connections && short == 0, "{full} files; {short} times there was none");
}
