//! A network in a box: a proxy between clients and the engine that delays, dribbles, cuts, swallows, and lets nobody in.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::sleep;

/// What is read at once where the weather does not say less.
const PIECE_BYTES: usize = 16 * 1024;

/// How the network is for all.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Each piece takes so long, each way.
    pub delay_ms: u64,
    /// And up to so long beside.
    pub jitter_ms: u64,
    /// So many bytes go at once.
    pub piece_bytes: usize,
    /// So many bytes a second go each way on each connection.
    pub bytes_per_s: u64,
    /// Each new connection ends after so many bytes to the client, and each later one a byte later, 256 times.
    pub cut_after: Option<(u64, End)>,
    /// What becomes of new connections.
    pub door: Door,
}

/// New connections are let through, or accepted and left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Open,
    BlackHole,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Finish,
    Reset,
}

/// What becomes of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Forward,
    /// What the client sends is lost, its end too.
    SwallowInward,
    /// What the engine sends is lost, its end too.
    SwallowOutward,
    SwallowBoth,
    Cut(End),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Inward,
    Outward,
}

pub const CALM: Weather =
    Weather { delay_ms: 0, jitter_ms: 0, piece_bytes: PIECE_BYTES, bytes_per_s: 0, cut_after: None, door: Door::Open };

struct Inner {
    engine: SocketAddr,
    weather: watch::Sender<Weather>,
    lines: Mutex<Vec<watch::Sender<Fate>>>,
    accepted: AtomicU64,
    cuts: AtomicU64,
}

/// A proxy at work, on threads of its own.
pub struct Proxy {
    pub address: SocketAddr,
    inner: Arc<Inner>,
    _runtime: Runtime,
}

impl Proxy {
    /// Before an engine, with calm weather.
    pub fn start(engine: SocketAddr) -> Proxy {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            engine,
            weather: watch::Sender::new(CALM),
            lines: Mutex::default(),
            accepted: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
        });
        runtime.spawn(accept(listener, inner.clone()));
        Proxy { address, inner, _runtime: runtime }
    }

    pub fn set(&self, weather: Weather) {
        self.inner.weather.send_replace(weather);
    }

    /// Decides what becomes of those that are let through now, by their places in the order of their coming.
    pub fn strike(&self, fate: impl Fn(usize) -> Option<Fate>) {
        let lines = self.inner.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let open = lines.iter().filter(|line| *line.borrow() == Fate::Forward && !line.is_closed());
        let struck = open.enumerate().filter_map(|(at, line)| Some((fate(at)?, line)));
        struck.for_each(|(fate, line)| line.send_modify(|now| *now = fate));
    }

    /// How many there are of this fate.
    pub fn count(&self, fate: Fate) -> usize {
        let lines = self.inner.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|line| *line.borrow() == fate && !line.is_closed()).count()
    }

    /// Ends all that were struck and are still there.
    pub fn end_struck(&self) {
        let lines = self.inner.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|line| *line.borrow() != Fate::Forward).for_each(|line| {
            line.send_modify(|fate| *fate = Fate::Cut(End::Reset));
        });
    }

    /// Connections that were ended here.
    pub fn cuts(&self) -> u64 {
        self.inner.cuts.load(Relaxed)
    }
}

async fn accept(listener: TcpListener, inner: Arc<Inner>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        let number = inner.accepted.fetch_add(1, Relaxed);
        let (line, fate) = watch::channel(Fate::Forward);
        {
            let mut lines = inner.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.retain(|line| !line.is_closed());
            lines.push(line);
        }
        let inner = inner.clone();
        tokio::spawn(async move { carry(client, fate, number, &inner).await });
    }
}

async fn carry(mut client: TcpStream, mut fate: watch::Receiver<Fate>, number: u64, inner: &Inner) {
    let mut weather = inner.weather.subscribe();
    if weather.borrow().door == Door::BlackHole {
        // Until it lifts; then whoever waited hears that nothing came of it.
        let _ = weather.wait_for(|weather| weather.door == Door::Open).await;
        return;
    }
    let Ok(mut engine) = TcpStream::connect(inner.engine).await else { return };
    for stream in [&client, &engine] {
        stream.set_nodelay(true).unwrap();
    }
    let cut_after = weather.borrow().cut_after;
    let budget = cut_after.map(|(bytes, _)| bytes + number % 256);
    let (inward, outward) = (fate.clone(), fate.clone());
    let end = {
        let ((from_client, to_client), (from_engine, to_engine)) = (client.split(), engine.split());
        let both = async {
            let inward = pump(from_client, to_engine, (Way::Inward, None), inward, weather.clone());
            let outward = pump(from_engine, to_client, (Way::Outward, budget), outward, weather.clone());
            tokio::try_join!(inward, outward)
        };
        let cut = async { fate.wait_for(|fate| matches!(fate, Fate::Cut(_))).await.map(|fate| *fate) };
        tokio::select! {
            ended = both => match ended { Err(Over::Budget) => cut_after.map(|(_, end)| end), _ => None },
            cut = cut => match cut { Ok(Fate::Cut(end)) => Some(end), _ => None },
        }
    };
    if let Some(end) = end {
        inner.cuts.fetch_add(1, Relaxed);
        if end == End::Reset {
            [&client, &engine].into_iter().for_each(|stream| stream.set_zero_linger().unwrap());
        }
    }
}

/// Why a connection is over.
enum Over {
    /// One side ended it.
    Ended,
    /// The weather does.
    Budget,
}

impl Fate {
    fn swallows(self, way: Way) -> bool {
        match self {
            Fate::SwallowBoth => true,
            Fate::SwallowInward => way == Way::Inward,
            Fate::SwallowOutward => way == Way::Outward,
            Fate::Forward | Fate::Cut(_) => false,
        }
    }
}

/// An end that the other side does not see. A client that goes is let go; the engine gets no answer to its own end.
async fn ended_unseen(from: &ReadHalf<'_>, way: Way) -> Result<(), Over> {
    if way == Way::Outward {
        return std::future::pending().await;
    }
    let _ = SockRef::from(from.as_ref()).shutdown(std::net::Shutdown::Both);
    Ok(())
}

/// Forwards one way until an end that the other side may see; an end that is swallowed only ends this way.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    (way, mut budget): (Way, Option<u64>),
    fate: watch::Receiver<Fate>,
    weather: watch::Receiver<Weather>,
) -> Result<(), Over> {
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        let piece = weather.borrow().piece_bytes;
        let count = from.read(&mut buffer[..piece]).await.unwrap_or(0);
        let swallows = fate.borrow().swallows(way);
        if count == 0 && swallows {
            return ended_unseen(&from, way).await;
        }
        if count == 0 {
            return Err(Over::Ended);
        }
        if swallows {
            continue;
        }
        let now = *weather.borrow();
        let slow_us = (count as u64 * 1_000_000).checked_div(now.bytes_per_s).unwrap_or(0);
        let jitter_ms = getrandom::u64().unwrap() % (now.jitter_ms + 1);
        let wait = Duration::from_millis(now.delay_ms + jitter_ms) + Duration::from_micros(slow_us);
        if !wait.is_zero() {
            sleep(wait).await;
        }
        let left = budget.map_or(count, |left| count.min(left as usize));
        to.write_all(&buffer[..left]).await.map_err(|_| Over::Ended)?;
        budget = budget.map(|budget| budget - left as u64);
        if budget == Some(0) {
            return Err(Over::Budget);
        }
    }
}
