//! A server that the load tester starts itself, so that it may kill it.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;

use super::RunFault;
use crate::clock::{Clock, pause};

/// How long it may take until it listens.
const OPEN_TIMEOUT: Duration = Duration::from_secs(60);
/// How often that is tried.
const LOOK: Duration = Duration::from_millis(5);

/// The process; it is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    words: Vec<String>,
    address: SocketAddr,
    child: Child,
}

impl Server {
    /// Starts it and waits until it listens where the clients will come. No shell: the command is cut at its blanks.
    pub async fn start(command: &str, address: SocketAddr) -> Result<Server, RunFault> {
        if TcpStream::connect(address).await.is_ok() {
            return Err(RunFault::Options(format!("--server-command: something listens at {address} already")));
        }
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let child = spawn(&words)?;
        let mut server = Server { words, address, child };
        server.wait_open().await?;
        Ok(server)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        // It may have ended by itself, which the next start shows.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again, and waits until it listens.
    pub async fn again(&mut self) -> Result<(), RunFault> {
        self.child = spawn(&self.words)?;
        self.wait_open().await
    }

    async fn wait_open(&mut self) -> Result<(), RunFault> {
        let clock = Clock::start();
        while TcpStream::connect(self.address).await.is_err() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(RunFault::Engine(format!("the server ended: {status}")));
            }
            if clock.us() > OPEN_TIMEOUT.as_micros() as u64 {
                return Err(RunFault::Engine(format!("the server does not listen at {}", self.address)));
            }
            pause(LOOK).await;
        }
        Ok(())
    }
}

fn spawn(words: &[String]) -> Result<Child, RunFault> {
    let (program, arguments) =
        words.split_first().ok_or_else(|| RunFault::Options("--server-command is empty".into()))?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|fault| RunFault::Options(format!("--server-command {program}: {fault}")))
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
