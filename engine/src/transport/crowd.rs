//! The polite "no" to connections beyond the bound: 503 with words, from a small bounded crowd of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Connections told so at once; more are dropped without a word.
const CROWD_MAX: usize = 64;
/// How long one of them may take.
const WITHIN: Duration = Duration::from_secs(1);

const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
content-type: text/plain; charset=utf-8\r\n\r\ntoo many connections here, come back later\n";

/// Those who are being told.
pub(super) struct Crowd(Arc<Semaphore>);

impl Crowd {
    pub(super) fn new() -> Crowd {
        Crowd(Arc::new(Semaphore::new(CROWD_MAX)))
    }

    /// Tells one connection to come back later, if there is a place to do so.
    pub(super) fn turn_away(&self, stream: TcpStream) {
        if let Ok(place) = Arc::clone(&self.0).try_acquire_owned() {
            tokio::spawn(async move {
                let _ = timeout(WITHIN, tell(stream)).await;
                drop(place);
            });
        }
    }
}

/// The request is read first: a socket closed over unread bytes is reset, and the words are lost.
async fn tell(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = [0; 1_024];
    if stream.read(&mut request).await? == 0 {
        return Ok(());
    }
    stream.write_all(ANSWER).await?;
    stream.shutdown().await?;
    while stream.read(&mut request).await? > 0 {}
    Ok(())
}
