//! A WebSocket connection of the load client: opened here, read and written without waiting.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use deskwire_protocol::{ClientFrame, SUBPROTOCOL_BINARY};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::codec::{self, Frames, Incoming, Outgoing};
use crate::random::Random;

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What the kernel keeps for a narrow pipe, and its segments, in bytes.
const NARROW_BYTES: u32 = 4_096;
const NARROW_SEGMENT: u32 = 1_400;
/// Longest answer to the upgrade, in bytes.
const UPGRADE_BYTES_MAX: usize = 8 * 1024;
/// A write buffer above this is given back when it is empty, in bytes.
const WRITE_BYTES_KEPT: usize = 4 * 1024;

/// Where the engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its address.
    pub address: SocketAddr,
    /// `HOST:PORT` as it was named.
    pub host: String,
    /// The path of the WebSocket.
    pub path: String,
}

/// How much the kernel holds of what a client has not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    /// What it likes: megabytes, over loopback.
    Wide,
    /// Little, as over a real network.
    Narrow,
}

/// The writing side.
#[derive(Debug)]
pub struct Writer {
    half: OwnedWriteHalf,
    unwritten: Vec<u8>,
    masks: Random,
}

/// The reading side.
#[derive(Debug)]
pub struct Reader {
    half: OwnedReadHalf,
    frames: Frames,
    /// What came behind the upgrade's answer.
    early: Vec<u8>,
}

/// Opens a connection and upgrades it to the binary subprotocol. The answer's `Sec-WebSocket-Accept` is not judged:
/// it guards browsers against caches, and this client speaks to engines only.
pub async fn connect(target: &Target, source: Option<IpAddr>, seed: u64) -> io::Result<(Reader, Writer)> {
    connect_by(target, source, Pipe::Wide, seed).await
}

/// The same, by a pipe of this width.
pub async fn connect_by(
    target: &Target,
    source: Option<IpAddr>,
    pipe: Pipe,
    seed: u64,
) -> io::Result<(Reader, Writer)> {
    timeout(CONNECT_TIMEOUT, open(target, source, pipe, seed)).await?
}

async fn open(target: &Target, source: Option<IpAddr>, pipe: Pipe, seed: u64) -> io::Result<(Reader, Writer)> {
    let socket = if target.address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if pipe == Pipe::Narrow {
        socket.set_recv_buffer_size(NARROW_BYTES)?;
        socket2::SockRef::from(&socket).set_tcp_mss(NARROW_SEGMENT)?;
    }
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    let mut stream = socket.connect(target.address).await?;
    stream.set_nodelay(true)?;
    let mut masks = Random::new(seed);
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: {}\r\nSec-WebSocket-Protocol: {SUBPROTOCOL_BINARY}\r\n\r\n",
        target.path,
        target.host,
        key(&mut masks)
    );
    stream.write_all(request.as_bytes()).await?;
    let early = upgraded(&mut stream).await?;
    let (read, write) = stream.into_split();
    let reader = Reader { half: read, frames: Frames::default(), early };
    Ok((reader, Writer { half: write, unwritten: Vec::new(), masks }))
}

/// Sixteen random bytes in base64: five of its digits carry 30 bits.
fn key(random: &mut Random) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut key: String = (0..21).map(|_| char::from(DIGITS[random.below(64) as usize])).collect();
    // The last digit carries two bits and four zeros.
    key.push(char::from(DIGITS[(random.below(4) * 16) as usize]));
    key + "=="
}

/// Reads the answer to the upgrade; gives out what came behind it.
async fn upgraded(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
            if !line.starts_with(b"HTTP/1.1 101") {
                return Err(io::Error::other(String::from_utf8_lossy(line).into_owned()));
            }
            return Ok(answer.split_off(end + 4));
        }
        if answer.len() > UPGRADE_BYTES_MAX {
            return Err(io::Error::other("the answer to the upgrade is too long"));
        }
    }
}

impl Writer {
    /// Takes a frame; it goes with the next [`Writer::flush`].
    pub fn send(&mut self, frame: &ClientFrame) {
        self.put(Outgoing::Message, &frame.encode());
    }

    /// Takes the answer to a ping.
    pub fn pong(&mut self, payload: &[u8]) {
        self.put(Outgoing::Pong, payload);
    }

    /// Takes the end of the connection.
    pub fn close(&mut self) {
        self.put(Outgoing::Close, &1000_u16.to_be_bytes());
    }

    fn put(&mut self, what: Outgoing, payload: &[u8]) {
        let mask = (self.masks.draw() as u32).to_le_bytes();
        codec::write(&mut self.unwritten, what, payload, Some(mask));
    }

    /// Writes all that waits in one write; what the kernel does not take waits on.
    pub fn flush(&mut self) -> io::Result<()> {
        while !self.unwritten.is_empty() {
            match self.half.try_write(&self.unwritten) {
                Ok(written) => drop(self.unwritten.drain(..written)),
                Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(fault) => return Err(fault),
            }
        }
        if self.unwritten.capacity() > WRITE_BYTES_KEPT {
            self.unwritten = Vec::new();
        }
        Ok(())
    }

    /// Whether something waits that the kernel did not take.
    pub fn is_behind(&self) -> bool {
        !self.unwritten.is_empty()
    }
}

impl Reader {
    /// Waits until there is something to read and gives it out; `false` when the other side has ended.
    pub async fn read(&mut self, scratch: &mut [u8], mut take: impl FnMut(Incoming<'_>)) -> io::Result<bool> {
        poll_fn(|cx| self.poll_read(cx, scratch, &mut take)).await
    }

    /// As [`Reader::read`]; `scratch` is not needed between two calls, so that one serves all connections.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
        take: &mut impl FnMut(Incoming<'_>),
    ) -> Poll<io::Result<bool>> {
        if !self.early.is_empty() {
            let early = std::mem::take(&mut self.early);
            return Poll::Ready(self.frames.feed(&early, take).map(|()| true).map_err(io::Error::other));
        }
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(&mut self.half).poll_read(cx, &mut buffer))?;
        let bytes = buffer.filled();
        if bytes.is_empty() {
            return Poll::Ready(Ok(false));
        }
        Poll::Ready(self.frames.feed(bytes, take).map(|()| true).map_err(io::Error::other))
    }
}
