//! Raw clients by the hundred: they send the bytes that they are told to, from more than one address.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Nothing that is awaited takes longer.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// 127.0.0.2, .3 …: each has ports of its own.
const SOURCES: u32 = 8;
/// A segment as on a real network.
const SEGMENT: u32 = 1_400;
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A connection from one of the addresses.
pub async fn dial(address: SocketAddr, number: usize) -> io::Result<TcpStream> {
    let source = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + 1 + number as u32 % SOURCES);
    let socket = TcpSocket::new_v4()?;
    // The kernel keeps little for who does not read.
    socket.set_recv_buffer_size(4_096)?;
    SockRef::from(&socket).set_tcp_mss(SEGMENT)?;
    socket.bind(SocketAddr::new(IpAddr::V4(source), 0))?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The request for an upgrade.
pub fn handshake(subprotocol: &str) -> Vec<u8> {
    format!(
        "GET /ws HTTP/1.1\r\nhost: desk\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: {subprotocol}\r\n\r\n"
    )
    .into_bytes()
}

/// The head of an answer; what came of it where the connection ended.
pub async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match timeout(PATIENCE, stream.read_u8()).await {
            Ok(Ok(byte)) => head.push(byte),
            Ok(Err(_)) | Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// An open WebSocket, or the answer that it is not.
pub async fn open(address: SocketAddr, number: usize, subprotocol: &str) -> Result<TcpStream, String> {
    let mut stream = dial(address, number).await.map_err(|fault| fault.to_string())?;
    // Who is turned away may be so before he has asked.
    let _ = stream.write_all(&handshake(subprotocol)).await;
    let head = head(&mut stream).await;
    if head.starts_with("HTTP/1.1 101") { Ok(stream) } else { Err(head) }
}

/// A masked frame, whatever its first byte says.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | short as u8),
        long => {
            bytes.push(0x80 | 126);
            bytes.extend((long as u16).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// A frame of the server: its first byte and its payload; nothing at the end of the stream.
pub async fn next(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let (first, short) = (stream.read_u8().await?, stream.read_u8().await?);
    let length = match short {
        126 => usize::from(stream.read_u16().await?),
        127 => stream.read_u64().await? as usize,
        short => usize::from(short),
    };
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await?;
    Ok((first, payload))
}

/// Reads on to the close frame; its code, 1005 where it says none, 0 where the connection ends without one.
pub async fn closed(stream: &mut TcpStream) -> u16 {
    let read = async {
        loop {
            match next(stream).await {
                Ok((0x88, payload)) => return payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code)),
                Ok(_) => {}
                Err(_) => return 0,
            }
        }
    };
    timeout(PATIENCE, read).await.unwrap_or(0)
}
