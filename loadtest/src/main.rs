//! The load client's command: reads the options, plays, prints, and says with its exit code what came of it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use deskwire_loadtest::cli::{self, Cli, Command, Common, CompareOptions, Scenario};
use deskwire_loadtest::report::{Report, hgrm, html};
use deskwire_loadtest::scenario::{RunFault, backlog, chat, connect, jitter, mixed, overload, room, slow, storm};
use deskwire_loadtest::{clock, compare};
use tokio::task::LocalSet;

const PROMISE_BROKEN: u8 = 98;
const THRESHOLD_FAILED: u8 = 99;
const BAD_OPTIONS: u8 = 104;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            let _ = told.print();
            return if told.use_stderr() { BAD_OPTIONS.into() } else { ExitCode::SUCCESS };
        }
    };
    let done = match &cli.command {
        Command::Play(scenario) => run(scenario),
        Command::Compare(options) => compared(options),
    };
    done.unwrap_or_else(|fault| {
        eprintln!("deskwire-loadtest: {fault:#}");
        match fault.downcast_ref() {
            Some(RunFault::Options(_)) => BAD_OPTIONS.into(),
            Some(RunFault::Engine(_)) | None => ExitCode::FAILURE,
        }
    })
}

/// A broken promise weighs more than a threshold.
fn run(scenario: &Scenario) -> anyhow::Result<ExitCode> {
    let common = scenario.common();
    writable(common)?;
    let mut report = on_one_thread(scenario)?;
    report.sign(cli::command(std::env::args().skip(1)), clock::time_of_day_s());
    report.thresholds = common.thresholds.iter().map(|threshold| threshold.judge(&report)).collect();
    println!("{report}");
    write(common, &report)?;
    Ok(match (report.is_broken(), report.has_failed()) {
        (true, _) => PROMISE_BROKEN.into(),
        (false, true) => THRESHOLD_FAILED.into(),
        (false, false) => ExitCode::SUCCESS,
    })
}

/// Everything runs on one thread: the other core is the server's.
fn on_one_thread(scenario: &Scenario) -> Result<Report, RunFault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| RunFault::Engine(fault.to_string()))?;
    let local = LocalSet::new();
    match scenario {
        Scenario::Chat(options) => local.block_on(&runtime, chat::run(options)),
        Scenario::Backlog(options) => local.block_on(&runtime, backlog::run(options)),
        Scenario::Connect(options) => local.block_on(&runtime, connect::run(options)),
        Scenario::Room(options) => local.block_on(&runtime, room::run(options)),
        Scenario::Mixed(options) => local.block_on(&runtime, mixed::run(options)),
        Scenario::Storm(options) => local.block_on(&runtime, storm::run(options)),
        Scenario::Jitter(options) => local.block_on(&runtime, jitter::run(options)),
        Scenario::Slow(options) => local.block_on(&runtime, slow::run(options)),
        Scenario::Overload(options) => local.block_on(&runtime, overload::run(options)),
    }
}

/// A report that could not be written would be told after a long run.
fn writable(common: &Common) -> Result<(), RunFault> {
    let paths = [("--json", &common.json), ("--html", &common.html), ("--hgrm", &common.hgrm)];
    for (option, path) in paths {
        let Some(path) = path else { continue };
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !directory.is_dir() {
            return Err(RunFault::Options(format!("{option} {}: there is no such directory", path.display())));
        }
    }
    Ok(())
}

fn write(common: &Common, report: &Report) -> anyhow::Result<()> {
    if let Some(path) = &common.json {
        std::fs::write(path, serde_json::to_string_pretty(report)?).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &common.html {
        std::fs::write(path, html::page(report)).with_context(|| path.display().to_string())?;
    }
    if let Some(prefix) = &common.hgrm {
        hgrm::write(report, prefix).with_context(|| prefix.display().to_string())?;
    }
    Ok(())
}

fn compared(options: &CompareOptions) -> anyhow::Result<ExitCode> {
    let read = |path: &Path| compare::read(path).map_err(anyhow::Error::msg);
    let (first, second) = (read(&options.first)?, read(&options.second)?);
    let names = [&options.first, &options.second].map(|path| path.display().to_string());
    let comparison = compare::compare(names, &first, &second, &options.thresholds);
    println!("{comparison}");
    Ok(if comparison.has_failed() { THRESHOLD_FAILED.into() } else { ExitCode::SUCCESS })
}
