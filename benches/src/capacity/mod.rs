//! The capacity statement: the release build under the load client, each scenario at a fresh engine, against the targets.
//!
//! | file | what is in it |
//! |---|---|
//! | [`rows`] | the scenarios, and which of their figures is told with which target |
//! | [`disk`], [`start`] | what the disk alone takes; the start with a million messages |

pub mod disk;
pub mod rows;
pub mod start;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use deskwire_loadtest::client::metrics;

use crate::figures::{self, Figures};
use crate::server::Server;
use crate::{beside, machine};
use rows::{Against, SCENARIOS, Scenario, Starts};

/// Measures what this machine can do with the release build, and prints it as a table.
#[derive(Clone, Debug, Parser)]
pub struct Options {
    /// The engine.
    #[arg(long, default_value = "target/release/deskwire")]
    pub engine: PathBuf,
    /// Its load client.
    #[arg(long, default_value = "target/release/deskwire-loadtest")]
    pub loadtest: PathBuf,
    /// The engine listens here and on the next port.
    #[arg(long, default_value_t = 21_410)]
    pub port: u16,
    /// Only scenarios whose command has this in it; `start` for the start with a million messages.
    #[arg(long, default_value = "")]
    pub only: String,
    /// Seconds that each scenario measures, instead of its own: to try things out.
    #[arg(long)]
    pub seconds: Option<u64>,
    /// Messages in the store of the start that is measured.
    #[arg(long, default_value_t = 1_000_000)]
    pub messages: u64,
}

/// One line of the table: what, target, measured, met or missed, command.
pub type Line = [String; 5];

/// Measures, and answers the lines of the table and how many scenarios failed.
pub async fn measure(options: &Options) -> (Vec<Line>, usize) {
    let (mut lines, mut failed) = (Vec::new(), 0);
    let mut take = |what: &str, measured: anyhow::Result<Vec<Line>>| match measured {
        Ok(measured) => lines.extend(measured),
        Err(fault) => {
            println!("FAILED {what}: {fault:#}");
            failed += 1;
        }
    };
    for scenario in SCENARIOS.iter().filter(|one| one.command.contains(&options.only)) {
        take(scenario.command, options.play(scenario).await);
    }
    if "start".contains(&options.only) {
        take("start", start::lines(options).await);
    }
    (lines, failed)
}

impl Options {
    /// One scenario at a fresh engine, whose data lies where builds do.
    async fn play(&self, scenario: &Scenario) -> anyhow::Result<Vec<Line>> {
        fs::create_dir_all(beside::target_dir())?;
        let dir = tempfile::tempdir_in(beside::target_dir())?;
        let disk_ms = match scenario.disk_rate() {
            Some(rate) => Some(disk::sync_p50_ms(dir.path(), rate).await?),
            None => None,
        };
        let report = dir.path().join("report");
        let figures = match scenario.starts {
            Starts::Here => {
                let server = Server::engine_with(&self.engine, dir.path(), self.port, scenario.settings).await?;
                let figures = figures::load(&self.loadtest, &self.arguments(scenario, server.pid()), &report)?;
                let post_p50_ms = self.post_p50_ms().await;
                server.end().await?;
                Figures { post_p50_ms, ..figures }
            }
            Starts::LoadClient => {
                figures::load(&self.loadtest, &self.arguments_with_server(scenario, dir.path()), &report)?
            }
        };
        println!("{}: {} (load {})", self.words(scenario), words(&figures), machine::load());
        let against = Against { figures: &figures, disk_ms };
        Ok(scenario.rows.iter().map(|row| row.line(&against, &self.words(scenario))).collect())
    }

    /// By the server's own histogram of posts.
    async fn post_p50_ms(&self) -> Option<f64> {
        let url = format!("http://127.0.0.1:{}/metrics", self.port + 1);
        let times = metrics::buckets(&url, "deskwire_post_seconds").await.ok()?;
        times.quantile(0.5).map(|seconds| seconds * 1e3)
    }

    /// The command as a reader would type it.
    fn words(&self, scenario: &Scenario) -> String {
        let seconds = self.seconds.unwrap_or(scenario.seconds);
        let set: String = scenario.settings.iter().map(|set| format!("; engine: --set {set}")).collect();
        format!("{}{set}", scenario.command.replace("{s}", &seconds.to_string()))
    }

    fn arguments(&self, scenario: &Scenario, pid: u32) -> Vec<String> {
        let port = self.port;
        let server = format!("--metrics-url http://127.0.0.1:{}/metrics --server-pid {pid}", port + 1);
        self.command(scenario).chain(server.split(' ').map(str::to_owned)).collect()
    }

    fn arguments_with_server(&self, scenario: &Scenario, dir: &Path) -> Vec<String> {
        let (engine, data, port) = (self.engine.display(), dir.join("data"), self.port);
        let data = data.display();
        let server =
            format!("{engine} demo --data {data} --listen 127.0.0.1:{port} --ops-listen 127.0.0.1:{}", port + 1);
        self.command(scenario).chain(["--server-command".to_owned(), server]).collect()
    }

    fn command(&self, scenario: &Scenario) -> impl Iterator<Item = String> {
        let seconds = self.seconds.unwrap_or(scenario.seconds).to_string();
        let url = format!("--url ws://127.0.0.1:{}/ws", self.port);
        let command = scenario.command.replace("{s}", &seconds);
        [command, url].into_iter().flat_map(|part| part.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }
}

fn words(figures: &Figures) -> String {
    let doubts = figures.doubts();
    if doubts.is_empty() { "nothing to object".into() } else { doubts.join(", ") }
}
