//! A raw WebSocket client that sends exactly the bytes it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing here takes long; a test that waits in vain says so.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub const TEXT: u8 = 0x81;
pub const BINARY: u8 = 0x82;
pub const CLOSE: u8 = 0x88;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8a;

/// A frame of the server: its first byte and its payload.
pub type Frame = (u8, Vec<u8>);

pub struct Client {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

/// A request for an upgrade, with more header lines.
pub fn request(path: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: desk\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    )
}

/// A masked frame, whatever its first byte says.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | short as u8),
        medium @ 126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend((medium as u16).to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream, buffer: Vec::new() }
    }

    /// An open WebSocket of a simple client: JSON, no token.
    pub async fn open(address: SocketAddr) -> Client {
        Client::open_at(address, "/ws", "").await
    }

    pub async fn open_at(address: SocketAddr, path: &str, more: &str) -> Client {
        let mut client = Client::connect(address).await;
        client.write(request(path, more).as_bytes()).await;
        let head = client.head().await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        client
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub async fn send(&mut self, first: u8, payload: &[u8]) {
        self.write(&frame(first, payload)).await;
    }

    async fn more(&mut self) -> usize {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await;
        read.expect("the server says something in time").unwrap_or(0)
    }

    /// The head of an HTTP answer.
    pub async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
                return String::from_utf8(head).unwrap();
            }
            assert_ne!(self.more().await, 0, "no answer, but {:?}", self.buffer);
        }
    }

    /// All that comes until the end.
    pub async fn rest(&mut self) -> String {
        while self.more().await > 0 {}
        String::from_utf8_lossy(&std::mem::take(&mut self.buffer)).into_owned()
    }

    /// The next frame, or `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, length)) = parsed(&self.buffer) {
                self.buffer.drain(..length);
                return Some(frame);
            }
            if self.more().await == 0 {
                assert!(self.buffer.is_empty(), "the stream ends inside a frame: {:?}", self.buffer);
                return None;
            }
        }
    }

    /// Reads on to the close frame; its code, and after it the end.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            let (first, payload) = self.next().await?;
            if first == CLOSE {
                let code = payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code));
                self.stream.shutdown().await.ok();
                assert_eq!(self.next().await, None, "nothing comes after a close frame");
                return code;
            }
        }
    }
}

fn parsed(bytes: &[u8]) -> Option<(Frame, usize)> {
    let (header, length) = match bytes {
        [_, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        [_, 127, length @ ..] => (10, u64::from_be_bytes(*length.first_chunk()?) as usize),
        [_, short, ..] if *short < 126 => (2, usize::from(*short)),
        _ => return None,
    };
    let payload = bytes.get(header..header + length)?;
    Some(((bytes[0], payload.to_vec()), header + length))
}
