//! The options that every scenario takes.

use std::net::ToSocketAddrs;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::bounds;
use crate::client::socket::Target;
use crate::pace::Arrivals;
use crate::scenario::{Plan, RunFault};
use crate::text::{TEXT_BYTES_MAX, TEXT_BYTES_MIN};
use crate::threshold::Threshold;

/// What every scenario takes.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The engine's WebSocket.
    #[arg(long, default_value = "ws://127.0.0.1:8080/ws")]
    pub url: String,
    /// Customers.
    #[arg(long, default_value_t = 1_000)]
    pub customers: usize,
    /// Agents.
    #[arg(long, default_value_t = 100)]
    pub agents: usize,
    /// Customers that come in each second.
    #[arg(long, default_value_t = 500.0, value_parser = bounds::rate)]
    pub ramp: f64,
    /// Bytes of a text.
    #[arg(long, default_value_t = 100, value_parser = bounds::size)]
    pub size: usize,
    /// How posts follow each other.
    #[arg(long, value_enum, default_value_t = Arrivals::Poisson)]
    pub arrivals: Arrivals,
    /// The category chats are opened in.
    #[arg(long, default_value = "general")]
    pub category: String,
    /// How agents sign in; `#`s are the agent's number, from 1.
    #[arg(long, default_value = "agent-###@demo.example")]
    pub agent_login: String,
    /// The agents' password.
    #[arg(long, default_value = "deskwire-demo")]
    pub password: String,
    /// The source of everything random: the same one plays the same schedule again. A new one each time by default.
    #[arg(long, value_parser = bounds::seed)]
    pub seed: Option<u64>,
    /// The server's process on this machine: its CPU and memory are measured.
    #[arg(long)]
    pub server_pid: Option<u32>,
    /// The server's metrics, `http://HOST:PORT/metrics`: an invariant that it counts as violated is a broken promise, and
    /// without --server-pid its CPU and memory are read there.
    #[arg(long)]
    pub metrics_url: Option<String>,
    /// Addresses 127.0.0.2, .3 … to connect from, for more than 28,000 sockets; as many as needed by default.
    #[arg(long)]
    pub source_addresses: Option<usize>,
    /// Writes the report as JSON too.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Writes the report as one HTML file with its plots, for a browser without a network.
    #[arg(long)]
    pub html: Option<PathBuf>,
    /// Writes each histogram in HdrHistogram's percentile format, as PREFIX.NAME.hgrm.
    #[arg(long, value_name = "PREFIX")]
    pub hgrm: Option<PathBuf>,
    /// What the run must keep to, as in deliver.p99<20ms; may be given several times. One that is not kept ends the
    /// program with 99.
    #[arg(long = "threshold", value_name = "FIGURE<BOUND", value_parser = bounds::threshold)]
    pub thresholds: Vec<Threshold>,
    /// No bar and no line of progress each second, on a terminal either.
    #[arg(long)]
    pub no_progress: bool,
    /// Goes on while the server is killed and restarted, for as long as it takes.
    #[arg(long)]
    pub survive: bool,
    /// Seconds that what is underway may take to arrive at the end; 15 by default, 60 with --survive.
    #[arg(long)]
    pub patience: Option<u64>,
}

impl Common {
    /// The plan these options describe.
    pub fn plan(&self, rate: f64, chat_posts: u32, chat: Duration, seed: u64) -> Result<Plan, RunFault> {
        let wrong = |words: String| Err(RunFault::Options(words));
        if !rate.is_finite() || rate <= 0.0 || !self.ramp.is_finite() || self.ramp <= 0.0 {
            return wrong("--rate and --ramp must be above 0".into());
        }
        if self.customers == 0 {
            return wrong("--customers must be above 0".into());
        }
        if !(TEXT_BYTES_MIN..=TEXT_BYTES_MAX).contains(&self.size) {
            return wrong(format!("--size must be from {TEXT_BYTES_MIN} to {TEXT_BYTES_MAX}"));
        }
        Ok(Plan {
            customers: self.customers,
            agents: self.agents,
            rate,
            arrivals: self.arrivals,
            size: self.size,
            chat_posts,
            chat_ms: chat.as_millis() as u64,
            category: self.category.clone(),
            seed,
        })
    }

    /// Where the engine is.
    pub fn target(&self) -> Result<Target, RunFault> {
        let wrong = |words: &str| RunFault::Options(format!("--url {}: {words}", self.url));
        let rest = self.url.strip_prefix("ws://").ok_or_else(|| wrong("it must begin with ws://"))?;
        let (host, path) = rest.find('/').map_or((rest, "/ws"), |slash| rest.split_at(slash));
        let mut addresses = host.to_socket_addrs().map_err(|fault| wrong(&fault.to_string()))?;
        let address = addresses.next().ok_or_else(|| wrong("no such host"))?;
        Ok(Target { address, host: host.to_owned(), path: path.to_owned() })
    }

    /// The agents' addresses.
    pub fn emails(&self) -> Vec<String> {
        (1..=self.agents).map(|number| numbered(&self.agent_login, number)).collect()
    }
}

/// A pattern with a number for its first run of `#`s, with zeros in front.
fn numbered(pattern: &str, number: usize) -> String {
    let Some(start) = pattern.find('#') else { return pattern.to_owned() };
    let width = pattern[start..].bytes().take_while(|byte| *byte == b'#').count();
    format!("{}{number:0width$}{}", &pattern[..start], &pattern[start + width..])
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn common(arguments: &[&str]) -> Common {
        let cli = Cli::try_parse_from([&["deskwire-loadtest", "chat"], arguments].concat()).unwrap();
        match cli.command {
            Command::Play(scenario) => scenario.common().clone(),
            Command::Compare(_) => panic!("it was a chat"),
        }
    }

    #[test]
    fn agents_are_numbered_as_the_pattern_says() {
        let rows = [("a-###@x", "a-007@x"), ("a#@x", "a7@x"), ("a@x", "a@x")];
        rows.iter().for_each(|(pattern, email)| assert_eq!(numbered(pattern, 7), *email));
        assert_eq!(common(&["--agents", "2"]).emails(), ["agent-001@demo.example", "agent-002@demo.example"]);
    }

    #[test]
    fn addresses_are_taken_apart_and_bad_ones_told() {
        let target = common(&["--url", "ws://127.0.0.1:9/x"]).target().unwrap();
        assert_eq!((target.host.as_str(), target.path.as_str()), ("127.0.0.1:9", "/x"));
        assert_eq!(common(&["--url", "ws://127.0.0.1:9"]).target().unwrap().path, "/ws");
        for url in ["http://127.0.0.1:9/ws", "ws://127.0.0.1/ws"] {
            assert!(matches!(common(&["--url", url]).target(), Err(RunFault::Options(_))), "{url}");
        }
    }

    #[test]
    fn a_plan_that_makes_no_run_is_told() {
        let good = common(&[]);
        let rows = [
            Common { size: 10, ..good.clone() },
            Common { customers: 0, ..good.clone() },
            Common { ramp: 0.0, ..good.clone() },
        ];
        for bad in rows {
            let plan = bad.plan(1.0, 1, Duration::ZERO, 1);
            assert!(matches!(plan, Err(RunFault::Options(_))), "{bad:?}");
        }
    }
}
