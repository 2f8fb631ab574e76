//! The scenarios of the capacity statement, and which of their figures is told with which target.

use super::Line;
use crate::figures::Figures;

/// Who starts the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starts {
    /// This program.
    Here,
    /// The load client, which kills it too.
    LoadClient,
}

/// A command of the load client at a fresh engine.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its command, `{s}` for the seconds that are measured.
    pub command: &'static str,
    /// These.
    pub seconds: u64,
    /// Who starts the engine.
    pub starts: Starts,
    /// Settings of the engine that are not its defaults.
    pub settings: &'static [&'static str],
    /// What is told of it.
    pub rows: &'static [Row],
}

/// One figure.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it is, in words.
    pub what: &'static str,
    /// Which.
    pub value: Value,
    /// What it should be.
    pub target: Target,
}

/// A figure of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// CPU of the server for each message delivered, in microseconds.
    CpuUs,
    /// Messages delivered a second.
    DeliveredPerS,
    /// The median acknowledgement, in milliseconds.
    AcknowledgeP50,
    /// The median from the read of a post's frame to its acknowledgement, in milliseconds.
    PostP50,
    /// The 99th of a hundred acknowledgements, in milliseconds.
    AcknowledgeP99,
    /// The 99th of a hundred deliveries, in milliseconds.
    DeliverP99,
    /// The 99th of a hundred pairings, in milliseconds.
    PairingP99,
    /// Memory of an idle session, in kilobytes.
    SessionKb,
    /// 95 of 100 were back after this, in milliseconds.
    BackP95,
    /// The last one was.
    BackLast,
    /// The accepted posts' p99 at the highest step of an overload, by that at the first.
    OverloadTimes,
    /// The 99th of a hundred refusals at the highest step, in milliseconds.
    RefusedP99,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// At most this.
    Most(f64),
    /// At least this.
    Least(f64),
    /// At most so much more than the disk alone takes, asked as often.
    MostAboveDisk(f64),
    /// Nothing was promised.
    None,
}

/// What a row is held against.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// What was found.
    pub figures: &'a Figures,
    /// What the disk alone takes, in milliseconds; none where no row asks.
    pub disk_ms: Option<f64>,
}

const fn row(what: &'static str, value: Value, target: Target) -> Row {
    Row { what, value, target }
}

/// All that is measured with the load client. One line more here is one more in the statement.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        command: "connect --customers 10000 --idle {s}",
        seconds: 25,
        starts: Starts::Here,
        settings: &["actors.idle_seconds=5"],
        rows: &[row(
            "idle session that has talked a little, its actors gone idle",
            Value::SessionKb,
            Target::Most(8.0),
        )],
    },
    Scenario {
        command: "connect --customers 10000 --idle 1",
        seconds: 1,
        starts: Starts::Here,
        settings: &[],
        rows: &[row("session that has just talked, its actors still there", Value::SessionKb, Target::Most(20.0))],
    },
    Scenario {
        command: "chat --customers 1 --agents 1 --rate 20 --duration {s} --warmup 3",
        seconds: 15,
        starts: Starts::Here,
        settings: &[],
        rows: &[
            row("acknowledgement, one sender, p50", Value::AcknowledgeP50, Target::MostAboveDisk(0.1)),
            row("the same, from the read of the frame", Value::PostP50, Target::MostAboveDisk(0.1)),
        ],
    },
    Scenario {
        command: "chat --customers 1000 --agents 100 --rate 400 --duration {s} --warmup 5",
        seconds: 15,
        starts: Starts::Here,
        settings: &[],
        rows: &[
            row("acknowledgement at 400/s, p50", Value::AcknowledgeP50, Target::MostAboveDisk(0.1)),
            row("the same, from the read of the frame", Value::PostP50, Target::MostAboveDisk(0.1)),
            row("acknowledgement at 400/s, p99", Value::AcknowledgeP99, Target::None),
            row("server CPU for each durable delivered message at 400/s", Value::CpuUs, Target::Most(45.0)),
        ],
    },
    Scenario {
        command: "chat --customers 1000 --agents 100 --rate 2000 --duration {s} --warmup 5",
        seconds: 30,
        starts: Starts::Here,
        settings: &[],
        rows: &[
            row("acknowledgement at 2,000/s, p50", Value::AcknowledgeP50, Target::None),
            row("delivery at 2,000/s, p99", Value::DeliverP99, Target::None),
            row("pairing with a free agent under this load, p99", Value::PairingP99, Target::Most(10.0)),
            row("server CPU for each durable delivered message at 2,000/s", Value::CpuUs, Target::None),
        ],
    },
    Scenario {
        command: "chat --customers 1000 --agents 100 --rate 40000 --duration {s} --warmup 3",
        seconds: 10,
        starts: Starts::Here,
        settings: &[],
        rows: &[
            row("durable two-party messages, 1,100 connections", Value::DeliveredPerS, Target::Least(25_000.0)),
            row("server CPU for each at saturation", Value::CpuUs, Target::Most(25.0)),
        ],
    },
    Scenario {
        command: "chat --customers 1000 --agents 100 --rate 400 --chat-posts 5000 --chat-seconds 900 --duration {s} --warmup 5",
        seconds: 15,
        starts: Starts::Here,
        settings: &[],
        rows: &[row("at 400/s in chats that go on: server CPU for each", Value::CpuUs, Target::Most(45.0))],
    },
    Scenario {
        command: "chat --customers 1000 --agents 100 --rate 60000 --chat-posts 5000 --chat-seconds 900 --duration {s} --warmup 3",
        seconds: 10,
        starts: Starts::Here,
        settings: &[],
        rows: &[
            row("in chats that go on: messages", Value::DeliveredPerS, Target::Least(25_000.0)),
            row("server CPU for each of these", Value::CpuUs, Target::Most(25.0)),
        ],
    },
    Scenario {
        command: "room --members 249 --rate 40 --duration {s} --warmup 3",
        seconds: 15,
        starts: Starts::Here,
        settings: &[],
        rows: &[row("a discussion of 250, 40 posts a second: CPU for each delivery", Value::CpuUs, Target::Most(8.0))],
    },
    Scenario {
        command: "room --members 249 --rate 200 --duration {s} --warmup 3",
        seconds: 15,
        starts: Starts::Here,
        settings: &[],
        rows: &[row("the same, 200 posts a second", Value::CpuUs, Target::Most(8.0))],
    },
    Scenario {
        command: "storm --customers 5000 --agents 400",
        seconds: 0,
        starts: Starts::LoadClient,
        settings: &[],
        rows: &[
            row("5,000 customers and 400 agents after SIGKILL: 95 % are back", Value::BackP95, Target::Most(2_000.0)),
            row("the same, the last one", Value::BackLast, Target::Most(5_000.0)),
        ],
    },
    Scenario {
        command: "overload --customers 1000 --agents 100 --step {s}",
        seconds: 10,
        starts: Starts::Here,
        settings: &[],
        rows: &[
            row("overload 10x: p99 of the accepted, by that at full load", Value::OverloadTimes, Target::Most(2.0)),
            row("the same, refusals as the client sees them, p99", Value::RefusedP99, Target::Most(50.0)),
        ],
    },
];

impl Scenario {
    /// How often a second the disk is asked alone, where a row is held against it: as often as the scenario posts.
    pub fn disk_rate(&self) -> Option<f64> {
        self.rows.iter().find(|row| matches!(row.target, Target::MostAboveDisk(_)))?;
        let mut words = self.command.split(' ').skip_while(|word| *word != "--rate");
        words.nth(1)?.parse().ok()
    }
}

impl Value {
    fn of(self, figures: &Figures) -> Option<f64> {
        match self {
            Value::CpuUs => figures.us_per_message,
            Value::DeliveredPerS => Some(figures.delivered_per_s),
            Value::AcknowledgeP50 => figures.acknowledge.map(|times| times.p50_ms),
            Value::PostP50 => figures.post_p50_ms,
            Value::AcknowledgeP99 => figures.acknowledge.map(|times| times.p99_ms),
            Value::DeliverP99 => figures.deliver.map(|times| times.p99_ms),
            Value::PairingP99 => figures.pairing.map(|times| times.p99_ms),
            Value::SessionKb => figures.bytes_per_session.map(|bytes| bytes / 1_000.0),
            Value::BackP95 => figures.back.map(|back| back.p95_ms),
            Value::BackLast => figures.back.map(|back| back.last_ms),
            Value::OverloadTimes => figures.overload.and_then(|overload| overload.accepted_p99_times),
            Value::RefusedP99 => figures.overload.and_then(|overload| overload.refused_p99_ms),
        }
    }

    fn words(self, value: f64) -> String {
        match self {
            Value::CpuUs => format!("{value:.1} µs"),
            Value::DeliveredPerS => format!("{value:.0}/s"),
            Value::SessionKb => format!("{value:.1} KB"),
            Value::OverloadTimes => format!("{value:.2} times"),
            Value::BackP95 | Value::BackLast => format!("{value:.0} ms"),
            Value::AcknowledgeP50
            | Value::PostP50
            | Value::AcknowledgeP99
            | Value::DeliverP99
            | Value::PairingP99
            | Value::RefusedP99 => format!("{value:.2} ms"),
        }
    }
}

impl Row {
    /// A line of the table. What is doubtful is told with the figure.
    pub fn line(&self, against: &Against<'_>, command: &str) -> Line {
        let value = self.value.of(against.figures);
        let words = |value| self.value.words(value);
        let (target, is_met) = match self.target {
            Target::Most(most) => (format!("≤ {}", words(most)), value.map(|value| value <= most)),
            Target::Least(least) => (format!("≥ {}", words(least)), value.map(|value| value >= least)),
            Target::MostAboveDisk(above) => match against.disk_ms {
                Some(disk_ms) => {
                    let most = disk_ms + above;
                    let target = format!("≤ {}: the disk's {} + {}", words(most), words(disk_ms), words(above));
                    (target, value.map(|value| value <= most))
                }
                None => (format!("≤ the disk's + {}", words(above)), None),
            },
            Target::None => ("–".into(), None),
        };
        let verdict = match (is_met, self.target) {
            (_, Target::None) => "–",
            (Some(true), _) => "met",
            (Some(false), _) => "missed",
            (None, _) => "not measured",
        };
        [self.what.into(), target, self.measured(value, against.figures), verdict.into(), format!("`{command}`")]
    }

    fn measured(&self, value: Option<f64>, figures: &Figures) -> String {
        let value = value.map_or_else(|| "not measured".to_owned(), |value| self.value.words(value));
        let client = match (self.value, figures.client_cores) {
            (Value::DeliveredPerS, Some(cores)) => format!(", the generator at {cores:.2} cores"),
            _ => String::new(),
        };
        let doubts = figures.doubts();
        let doubts = if doubts.is_empty() { String::new() } else { format!(" ({})", doubts.join("; ")) };
        format!("{value}{client}{doubts}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Times;

    #[test]
    fn a_line_says_target_figure_and_verdict() {
        let acknowledge = Some(Times { p50_ms: 0.57, p99_ms: 1.6 });
        let figures = Figures { us_per_message: Some(36.9), acknowledge, unsent: 3, ..Figures::default() };
        let against = Against { figures: &figures, disk_ms: Some(0.215) };
        let line = row("a", Value::AcknowledgeP50, Target::MostAboveDisk(0.1)).line(&against, "chat");
        let target = "≤ 0.32 ms: the disk's 0.21 ms + 0.10 ms";
        assert_eq!(line, ["a", target, "0.57 ms (3 unsent)", "missed", "`chat`"]);
        let verdict = |value, target| row("a", value, target).line(&against, "chat")[3].clone();
        assert_eq!(verdict(Value::CpuUs, Target::Most(45.0)), "met");
        assert_eq!(verdict(Value::DeliveredPerS, Target::Least(1.0)), "missed");
        assert_eq!(verdict(Value::PairingP99, Target::Most(10.0)), "not measured");
        assert_eq!(verdict(Value::PairingP99, Target::None), "–");
    }

    #[test]
    fn a_row_above_the_disk_is_held_against_a_disk_that_is_asked_as_often() {
        let rates = SCENARIOS.iter().filter_map(Scenario::disk_rate).collect::<Vec<_>>();
        assert_eq!(rates, [20.0, 400.0]);
    }

    /// A command that the load client does not know would fail only after minutes.
    #[test]
    fn every_command_is_one_of_the_load_clients() {
        use clap::Parser;
        for scenario in SCENARIOS {
            let command = scenario.command.replace("{s}", "1");
            let words = ["deskwire-loadtest"].into_iter().chain(command.split(' '));
            let known = deskwire_loadtest::cli::Cli::try_parse_from(words);
            assert!(known.is_ok(), "{command}: {}", known.err().map(|fault| fault.to_string()).unwrap_or_default());
        }
    }
}
