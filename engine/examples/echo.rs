//! An echo on Deskwire's transport, to let the Autobahn test suite judge its framing: `echo [ADDRESS:PORT]`.

use std::net::SocketAddr;
use std::sync::Arc;

use deskwire::actors::connections::{Bounds, Connections};
use deskwire::actors::encoded::Audience;
use deskwire::actors::outbox::Outbox;
use deskwire::actors::permit::Permit;
use deskwire::transport::guard::Limits;
use deskwire::transport::{Handler, Message, Server, Settings};
use deskwire_protocol::CloseCode;

/// Larger than the largest message of the suite, which is 16 MiB in up to 262,144 fragments.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;
const FRAGMENTS_MAX: usize = 1 << 20;

struct Echo;

impl Handler for Echo {
    type Peer = ();

    fn opened(&self, outbox: &Outbox, _token: Option<String>) -> Result<(), CloseCode> {
        outbox.admit(Audience::Customer);
        Ok(())
    }

    fn message(&self, (): &mut (), outbox: &Outbox, _permit: Permit, message: Message<'_>) -> Result<(), CloseCode> {
        outbox.echo(message.form(), message.bytes());
        Ok(())
    }

    fn closed(&self, (): ()) {}
}

/// Echoes messages of up to so many bytes; all else is as the desk has it.
pub fn start(address: SocketAddr, message_bytes_max: usize) -> std::io::Result<Server> {
    let bounds = Bounds { outbox_bytes_max: BYTES_MAX, outbox_frames_max: FRAGMENTS_MAX, ..Bounds::default() };
    let limits = Limits { message_bytes_max, fragments_max: FRAGMENTS_MAX };
    let settings = Settings { limits, ..Settings::default() };
    Server::start(address, settings, axum::Router::new(), Arc::new(Echo), Connections::new(bounds))
}

#[tokio::main]
#[allow(dead_code, reason = "a test starts the echo in its own process")]
async fn main() -> anyhow::Result<()> {
    let address: SocketAddr = std::env::args().nth(1).as_deref().unwrap_or("127.0.0.1:9001").parse()?;
    let server = start(address, BYTES_MAX)?;
    println!("echo on ws://{}/ws", server.address());
    tokio::signal::ctrl_c().await?;
    server.drain(std::time::Duration::from_secs(5)).await;
    Ok(())
}
