//! The load client's command: reads the options, plays, prints, and says with its exit code what came of it.

use std::process::ExitCode;

use clap::Parser;
use deskwire_loadtest::cli::{Cli, Common, Scenario};
use deskwire_loadtest::report::Report;
use deskwire_loadtest::scenario::{RunFault, backlog, chat, connect, jitter, mixed, overload, room, slow, storm};
use tokio::task::LocalSet;

const PROMISE_BROKEN: u8 = 98;
const BAD_OPTIONS: u8 = 104;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            let _ = told.print();
            return if told.use_stderr() { BAD_OPTIONS.into() } else { ExitCode::SUCCESS };
        }
    };
    let (common, played) = play(&cli.scenario);
    match played.map_err(anyhow::Error::from).and_then(|report| tell(common, &report).map(|()| report)) {
        Ok(report) if report.is_broken() => PROMISE_BROKEN.into(),
        Ok(_) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("deskwire-loadtest: {fault:#}");
            match fault.downcast_ref() {
                Some(RunFault::Options(_)) => BAD_OPTIONS.into(),
                Some(RunFault::Engine(_)) | None => ExitCode::FAILURE,
            }
        }
    }
}

/// Everything runs on one thread: the other core is the server's.
fn play(scenario: &Scenario) -> (&Common, Result<Report, RunFault>) {
    match scenario {
        Scenario::Chat(options) => (&options.common, on_one_thread(chat::run(options))),
        Scenario::Backlog(options) => (&options.common, on_one_thread(backlog::run(options))),
        Scenario::Connect(options) => (&options.common, on_one_thread(connect::run(options))),
        Scenario::Room(options) => (&options.common, on_one_thread(room::run(options))),
        Scenario::Mixed(options) => (&options.common, on_one_thread(mixed::run(options))),
        Scenario::Storm(options) => (&options.common, on_one_thread(storm::run(options))),
        Scenario::Jitter(options) => (&options.common, on_one_thread(jitter::run(options))),
        Scenario::Slow(options) => (&options.common, on_one_thread(slow::run(options))),
        Scenario::Overload(options) => (&options.common, on_one_thread(overload::run(options))),
    }
}

fn on_one_thread(played: impl Future<Output = Result<Report, RunFault>>) -> Result<Report, RunFault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| RunFault::Engine(fault.to_string()))?;
    LocalSet::new().block_on(&runtime, played)
}

fn tell(common: &Common, report: &Report) -> anyhow::Result<()> {
    println!("{report}");
    if let Some(path) = &common.json {
        std::fs::write(path, serde_json::to_string_pretty(report)?)?;
    }
    Ok(())
}
