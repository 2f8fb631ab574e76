//! The command line: every command, its flags, and the exit codes.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | a fault, said in words |
//! | 2 | a wrong flag or setting, which names itself |
//! | 3 | an address cannot be listened on |
//! | 20–26 | the store was not opened (see [`crate::store::OpenFault`]) |
//! | 30–32 | the store ended the process (see [`crate::store::Fatal`]) |

mod admin;
mod check;
mod config;
mod log;
mod offline;
mod serve;
mod settings;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Wrong;
use crate::engine::{Ended, Mode};
use crate::store::OpenFault;

#[derive(Parser)]
#[command(name = "deskwire", version, about = "A help desk in one process.", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the desk.
    Serve(RunFlags),
    /// Run a desk with demonstration staff and categories.
    Demo(RunFlags),
    /// Manage staff while the engine is stopped.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Prove that the data is whole. The engine must be stopped.
    Check(SettingsFlags),
    /// Make what is derived from the logs anew, where it is wrong: the index of open tickets. The engine must be stopped.
    Rebuild(SettingsFlags),
    /// Settings.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Create a staff account. The password is asked for, or read as a line from standard input.
    Create(admin::Create),
    /// Go on although acknowledged history is missing (exit code 23): clients learn of it by a new epoch.
    AcceptLoss(SettingsFlags),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say which settings are in force and where each comes from, or what is wrong with them.
    Check {
        /// The settings file; else DESKWIRE_CONFIG, else none.
        file: Option<PathBuf>,
    },
    /// Print a commented file with every setting at its default.
    Example,
}

/// The flags of `serve` and `demo`.
#[derive(Args)]
struct RunFlags {
    /// The address for customers and staff [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// The address for operators: metrics and health [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDR:PORT")]
    ops_listen: Option<String>,
    #[command(flatten)]
    common: SettingsFlags,
}

/// The flags of every command that works with settings.
#[derive(Args, Default)]
struct SettingsFlags {
    /// The directory of everything that is kept [default: data]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// The settings file; else DESKWIRE_CONFIG, else none
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Any setting by its name, as in desk.slots=5; may be repeated
    #[arg(long, value_name = "SECTION.NAME=VALUE")]
    set: Vec<String>,
}

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Wrong(#[from] Wrong),
    #[error("{0}")]
    Open(#[from] OpenFault),
    #[error("{0}")]
    Ended(#[from] Ended),
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

impl Failure {
    fn exit_code(&self) -> u8 {
        match self {
            Failure::Wrong(_) => 2,
            Failure::Open(fault) => u8::try_from(fault.exit_code()).unwrap_or(1),
            Failure::Ended(ended) => ended.exit_code,
            Failure::Other(_) => 1,
        }
    }
}

/// Does what the command line says; the exit code is the process's.
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("deskwire: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(flags) => serve::run(flags, Mode::Serve),
        Command::Demo(flags) => serve::run(flags, Mode::Demo),
        Command::Admin(AdminCommand::Create(create)) => admin::create(create),
        Command::Admin(AdminCommand::AcceptLoss(flags)) => check::accept_loss(flags),
        Command::Check(flags) => check::run(flags),
        Command::Rebuild(flags) => check::rebuild(flags),
        Command::Config(ConfigCommand::Check { file }) => config::check(file),
        Command::Config(ConfigCommand::Example) => config::example(),
    }
}
