//! The settings: one table with name, meaning, bounds and default of each, and where their values come from.

mod example;
mod sources;
mod table;
mod value;

pub use example::example;
pub use sources::{ENV_FILE, Origin, Sources, Wrong};
pub use value::{LogFormat, Secret, Value};

use std::net::SocketAddr;
use std::path::PathBuf;

use table::settings;

settings! {
    /// Where the engine listens and keeps its data.
    serve: Serve {
        /// The directory of everything that is kept. Made at the first start.
        data: PathBuf = "data";
        /// The address for customers and staff: console, WebSocket and API.
        listen: SocketAddr = "127.0.0.1:8080";
        /// The address for operators: metrics and health. Never public.
        ops_listen: SocketAddr = "127.0.0.1:9090";
        /// Pages of other sites that may connect, as origins like `https://help.example.org`; the engine's own page always may.
        origins: Vec<String> = "";
        /// Open connections at once; more are answered 503. Must stay below the limit of open files.
        connections: u32 = "16000", 1..=1_000_000;
        /// A connection that was silent for this long is pinged, in seconds. A proxy in front that ends quiet connections wants less.
        ping_seconds: u32 = "20", 1..=20;
        /// A connection that was silent for this long, ping and all, is cut off, in seconds. Must be above ping_seconds; clients that answer no WebSocket ping say something every 20 s.
        silent_seconds: u32 = "45", 2..=45;
        /// After SIGTERM: the time to finish what was accepted, in seconds.
        drain_seconds: u32 = "5", 1..=300;
    }
    /// Who may come in.
    auth: Auth {
        /// The issuer that our tokens name.
        issuer: String = "deskwire";
        /// The directory of the keys that sign tokens (KEY.hs256 or KEY.ed25519, 64 hexadecimal digits each, mode 0600). Empty: keys/ in the data directory, with a key made at the first start.
        keys: PathBuf = "";
        /// The key that signs, without its ending. Empty: the last by name. All keys in the directory verify.
        signing_key: String = "";
        /// How long a staff token is good for, in minutes.
        staff_minutes: u32 = "720", 1..=43_200;
        /// How long a customer's resume token is good for, in days.
        customer_days: u32 = "30", 1..=3_650;
        /// Sign-ins from one address within a minute; more are refused unlooked.
        sign_ins_per_minute: u32 = "60", 1..=100_000;
    }
    /// How the desk works.
    desk: Desk {
        /// Tickets an agent may have at once, unless his account says otherwise.
        slots: u16 = "3", 1..=1_000;
        /// Tickets that may wait at once; more are refused.
        waiting: u32 = "100000", 1..=1_000_000;
    }
    /// Discussions: open rooms with a topic.
    rooms: Rooms {
        /// Members that may be in a discussion at once; one more is refused. A discussion keeps the bound that it was founded with.
        members_max: u16 = "250", 2..=1_000;
    }
    /// What the actors may use.
    actors: Actors {
        /// Rooms that may live at once; more are refused for the moment.
        rooms: u32 = "50000", 1..=1_000_000;
        /// A room, customer or agent that hears nothing for this long leaves memory, in seconds. It comes back with the next frame.
        idle_seconds: u32 = "60", 1..=86_400;
        /// Bytes of accepted frames that may wait in the whole engine, in MiB; more posts are refused for the moment.
        inbound_mib: u32 = "256", 1..=65_536;
        /// Bytes that may wait in all outboxes together, in MiB; at more the fullest is cut off.
        outbound_mib: u32 = "256", 1..=65_536;
    }
    /// The log on disk.
    store: StoreLimits {
        /// Below this much free disk, in MiB, no posts, new tickets or pairing.
        disk_low_mib: u32 = "1024", 1..=1_000_000;
        /// Below this much free disk, in MiB, no commands at all.
        disk_lowest_mib: u32 = "256", 1..=1_000_000;
        /// Size of a file to delete when a full disk keeps the store from opening, in MiB.
        ballast_mib: u32 = "32", 0..=65_536;
        /// Room on the disk that the log has beyond its end, in MiB: what is on its way when the disk is full is settled there.
        reserve_mib: u32 = "64", 0..=65_536;
        /// How long a post may take, in milliseconds: when the oldest waits longer for the disk, or posts take longer than
        /// this on average, new ones are refused for the moment.
        busy_ms: u32 = "20", 1..=60_000;
        /// A commit that takes longer than this, in seconds, makes the engine not ready.
        slow_seconds: u32 = "2", 1..=3_600;
        /// A commit that takes longer than this, in seconds, ends the process.
        fatal_seconds: u32 = "30", 1..=3_600;
    }
    /// What the engine says of itself. Never a message's text, a token or an e-mail address.
    log: Log {
        /// auto (JSON where the output is no terminal), json or text.
        format: LogFormat = "auto";
        /// error, warn, info, debug or trace; or the same for each part, as in info,deskwire::store=debug.
        level: String = "info";
    }
    /// The demonstration desk; serve takes no notice of it.
    demo: Demo {
        /// The password of every member of its staff.
        password: Secret = "deskwire-demo";
    }
}

impl Settings {
    /// What no single setting can tell.
    fn check(&self) -> Result<(), (&'static str, String)> {
        if self.store.disk_lowest_mib > self.store.disk_low_mib {
            return Err(("store.disk_lowest_mib", "must not be above store.disk_low_mib".to_owned()));
        }
        if self.store.slow_seconds > self.store.fatal_seconds {
            return Err(("store.slow_seconds", "must not be above store.fatal_seconds".to_owned()));
        }
        if self.serve.silent_seconds <= self.serve.ping_seconds {
            return Err(("serve.silent_seconds", "must be above serve.ping_seconds".to_owned()));
        }
        if self.serve.listen == self.serve.ops_listen && self.serve.listen.port() != 0 {
            return Err(("serve.ops_listen", "must be another address than serve.listen".to_owned()));
        }
        Ok(())
    }

    /// The directory of the keys that sign tokens.
    pub fn keys_dir(&self) -> PathBuf {
        if self.auth.keys.as_os_str().is_empty() {
            return self.serve.data.join("keys");
        }
        self.auth.keys.clone()
    }
}
