//! A server process of a measurement: started, waited for, and ended by its own number.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use deskwire_loadtest::clock::{Clock, pause};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a server may take until it can be used.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end.
const END: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(2);
/// Lines of what it said that are shown when it fails.
const LINES_SHOWN: usize = 10;

/// One that runs. Dropping it ends it hard.
#[derive(Debug)]
pub struct Server {
    child: Child,
    name: String,
    said: PathBuf,
}

impl Server {
    /// Starts it, in a directory of its own where it also says what it has to say.
    pub fn start(name: &str, command: &mut Command, dir: &Path) -> anyhow::Result<Server> {
        let said = dir.join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&said)?;
        command.current_dir(dir).stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Server { child, name: name.to_owned(), said })
    }

    /// An engine with its demonstration staff, ready.
    pub async fn engine(binary: &Path, dir: &Path, port: u16) -> anyhow::Result<Server> {
        Server::engine_with(binary, dir, port, &[]).await
    }

    /// The same with settings of its own, `name=value`.
    pub async fn engine_with(binary: &Path, dir: &Path, port: u16, settings: &[&str]) -> anyhow::Result<Server> {
        Server::engine_on(binary, "demo", &dir.join("data"), dir, port, settings).await
    }

    /// An engine on a data directory, ready; the operator's listener is on the next port.
    pub async fn engine_on(
        binary: &Path,
        mode: &str,
        data: &Path,
        dir: &Path,
        port: u16,
        settings: &[&str],
    ) -> anyhow::Result<Server> {
        let ops = local(port + 1);
        let mut command = Command::new(fs::canonicalize(binary).with_context(|| binary.display().to_string())?);
        command.arg(mode).arg("--data").arg(data);
        command.args(["--listen", &local(port).to_string(), "--ops-listen", &ops.to_string()]);
        settings.iter().for_each(|set| _ = command.args(["--set", set]));
        unused(local(port)).await?;
        unused(ops).await?;
        let mut server = Server::start("deskwire", &mut command, dir)?;
        server.until(async || status_of(ops, "/readyz").await == Some(200)).await?;
        Ok(server)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until somebody listens there.
    pub async fn listens(&mut self, at: SocketAddr) -> anyhow::Result<()> {
        self.until(async || TcpStream::connect(at).await.is_ok()).await
    }

    async fn until(&mut self, is_so: impl AsyncFn() -> bool) -> anyhow::Result<()> {
        let clock = Clock::start();
        while !is_so().await {
            if let Some(ended) = self.child.try_wait()? {
                bail!("{} ended at its start, {ended}:\n{}", self.name, self.last_words());
            }
            if clock.us() > START.as_micros() as u64 {
                bail!("{} was not ready in {START:?}:\n{}", self.name, self.last_words());
            }
            pause(LOOK).await;
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let said = fs::read_to_string(&self.said).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
    }

    /// Asks it to end, and waits until it has.
    pub async fn end(mut self) -> anyhow::Result<()> {
        let pid = Pid::from_child(&self.child);
        // It may have ended by itself: then there is nobody to ask.
        let _ = kill_process(pid, Signal::TERM);
        let clock = Clock::start();
        while self.child.try_wait()?.is_none() {
            if clock.us() > END.as_micros() as u64 {
                bail!("{} did not end in {END:?}", self.name);
            }
            pause(LOOK).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail where it has ended and was waited for, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine's own.
pub fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Whether nobody listens there; what another program answered would be measured as the server's.
pub async fn unused(at: SocketAddr) -> anyhow::Result<()> {
    match TcpStream::connect(at).await {
        Ok(_) => bail!("somebody listens on {at} already: --port names another"),
        Err(_) => Ok(()),
    }
}

/// The status of the answer to a GET.
async fn status_of(at: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(at).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_ends_at_once_is_told_with_its_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo no port for me; exit 3"]);
        let mut server = Server::start("sulky", &mut command, dir.path()).unwrap();
        let words = server.until(async || false).await.unwrap_err().to_string();
        assert!(words.contains("exit status: 3") && words.contains("no port for me"), "{words}");
    }

    #[tokio::test]
    async fn a_server_is_ended_by_its_own_number() {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start("sleepy", Command::new("sleep").arg("600"), dir.path()).unwrap();
        let pid = server.pid();
        server.end().await.unwrap();
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
        let dropped = Server::start("sleepy", Command::new("sleep").arg("600"), dir.path()).unwrap().pid();
        assert!(!Path::new(&format!("/proc/{dropped}")).exists());
    }
}
