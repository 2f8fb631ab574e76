//! The log: JSON where nobody watches, and never a message's text, a token or an e-mail address.

use std::io::{self, IsTerminal};
use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::config::{Log, LogFormat};

/// Starts the log, on standard error.
pub(super) fn start(settings: &Log) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(&settings.level)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let json = match settings.format {
        LogFormat::Auto => !io::stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Text => false,
    };
    if json {
        lines.json().flatten_event(true).with_current_span(false).init();
    } else {
        lines.with_ansi(io::stderr().is_terminal()).init();
    }
    std::panic::set_hook(Box::new(fell));
    Ok(())
}

/// For commands without a log: what fell and was caught, sled for example, is said by whoever caught it.
pub(super) fn name_falls() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("deskwire: something fell at {place}");
    }));
}

/// A panic's own words may quote a text (that of a string cut in the middle of a letter does), so only its place is told.
fn fell(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, thread = thread.name().unwrap_or_default(), "something fell");
}
