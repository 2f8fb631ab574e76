//! What a listener is told: its bounds and how long it waits.

use std::time::Duration;

use super::guard::Limits;
use crate::actors::connections::Patience;

/// Descriptors left to the store, the other listener and the polite "no": sockets may take the rest.
const OTHER_FILES: usize = 512;
/// Sockets allowed where the limit of open files cannot be read.
const SOCKETS_UNKNOWN: usize = 1_024;

/// The bounds of one listener.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Connections at once, HTTP and WebSocket together; one more gets 503.
    pub sockets_max: usize,
    /// Pages that may open a WebSocket besides those of the same host, as browsers write an origin:
    /// `https://desk.example.com`.
    pub origins: Vec<String>,
    /// What a client may send over a WebSocket.
    pub limits: Limits,
    /// How long WebSocket connections are waited for.
    pub patience: Patience,
    /// How often silence is looked for.
    pub sweep_every_ms: u32,
    /// From the connection, or the last answer, to the end of the next request's header.
    pub header_within: Duration,
    /// Bytes of one request's header.
    pub header_bytes_max: usize,
    /// From the header to the answer.
    pub answer_within: Duration,
    /// Bytes of one request's body.
    pub body_bytes_max: usize,
    /// How long unacknowledged bytes keep a connection whose other end is gone.
    pub unheard_within: Duration,
    /// Clients are told to come back spread over this long when the engine goes down.
    pub return_spread_ms: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        let patience = Patience::default();
        Settings {
            sockets_max: sockets_max(&std::fs::read_to_string("/proc/self/limits").unwrap_or_default()),
            origins: Vec::new(),
            limits: Limits::default(),
            patience,
            sweep_every_ms: 1_000,
            header_within: Duration::from_secs(10),
            header_bytes_max: 16 * 1024,
            answer_within: Duration::from_secs(30),
            body_bytes_max: 256 * 1024,
            unheard_within: Duration::from_millis(u64::from(patience.silent_after_ms)),
            return_spread_ms: 2_000,
        }
    }
}

/// As many sockets as the limit of open files allows, with some left for other files.
fn sockets_max(limits: &str) -> usize {
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse::<usize>().ok());
    match files {
        Some(files) => files.saturating_sub(OTHER_FILES).max(files / 2),
        None => SOCKETS_UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_leave_room_for_other_files() {
        let limits =
            "Limit  Soft  Hard  Units\nMax open files            20000                20000                files\n";
        assert_eq!(sockets_max(limits), 19_488);
        assert_eq!(sockets_max("Max open files 64 64 files"), 32);
        assert_eq!(sockets_max("Max open files unlimited unlimited files"), SOCKETS_UNKNOWN);
    }
}
