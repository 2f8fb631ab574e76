//! A process of its own that writes to a store until it is killed, and says what it was told.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;

use deskwire::store::{
    Logged, OpenFault, Outcome, RecordKind, RecordPut, StageChange, Store, StoreHandle, StoreSettings, StoreThread,
};
use deskwire_protocol::TicketId;
use rustix::process::Pid;

use crate::common::*;

const DIR: &str = "DESKWIRE_TEST_STORE_DIR";
const TICKETS: &str = "DESKWIRE_TEST_STORE_TICKETS";
/// More bytes for each event, so that sled writes its own buffers behind the journal's back.
pub const PADDING: &str = "DESKWIRE_TEST_STORE_PADDING";
/// Every so many events a commit also changes the ticket's stage and a record.
const MIXED: u32 = 5;
/// The head at which a ticket is left alone; without it the child writes until it is killed.
pub const UNTIL: &str = "DESKWIRE_TEST_STORE_UNTIL";

/// What the child is: to be called by the one ignored test that is run in another process.
pub fn run() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let tickets = std::env::var(TICKETS).unwrap().parse::<u64>().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let (store, _thread) = open_unlocked(&PathBuf::from(dir)).unwrap();
        let writing = (1..=tickets).map(|ticket| tokio::spawn(write(store.clone(), TicketId(ticket))));
        for task in writing.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
}

/// Opens the store; a test beside this one may be making a process, which holds the lock until it is made.
fn open_unlocked(dir: &Path) -> Result<(StoreHandle, StoreThread), OpenFault> {
    let mut settings = settings();
    if std::env::var_os(PADDING).is_some() {
        settings.journal_bytes = StoreSettings::default().journal_bytes;
    }
    loop {
        match Store::open(dir, settings.clone()) {
            Err(OpenFault::Locked(_)) => std::thread::yield_now(),
            other => return other,
        }
    }
}

async fn write(store: StoreHandle, ticket: TicketId) {
    let mut head = store.fence(ticket, ONE).await.unwrap();
    let until = std::env::var(UNTIL).map_or(u32::MAX, |head| head.parse().unwrap());
    let padding = std::env::var(PADDING).map_or(0, |bytes| bytes.parse().unwrap());
    while head < until {
        let (mut append, _) = append(ticket, ONE, head + 1, 1);
        append.events[0].extend(std::iter::repeat_n(head as u8, padding));
        if (head + 1) % MIXED == 0 {
            append.stage = Some(StageChange::Put(facts(ticket, head + 1)));
            append.records = vec![RecordPut::put(RecordKind::Setting, ticket.0.to_be_bytes(), (head + 1).into(), *b"")];
        }
        let (tell, told) = tokio::sync::oneshot::channel();
        let tell = std::sync::Mutex::new(Some(tell));
        append.told = Arc::new(move |outcome| {
            let Outcome::Durable(head) = outcome else {
                panic!("refused");
            };
            // One write of one line, on the thread that writes the store: a trace shows it after the sync.
            let _ = std::io::stderr().write_all(format!("told {} {head}\n", ticket.0).as_bytes());
            let _ = tell.lock().unwrap().take().unwrap().send(head);
        });
        store.append(append).await.unwrap();
        head = told.await.unwrap();
    }
}

/// A running child.
pub struct Writing {
    process: Child,
    said: BufReader<ChildStderr>,
    told: HashMap<TicketId, u32>,
}

impl Writing {
    /// The command that makes a child; `test` is the name of the ignored test that calls [`run`].
    pub fn command(test: &str, dir: &Path, tickets: u64) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--ignored", "--nocapture"]);
        command.env(DIR, dir).env(TICKETS, tickets.to_string());
        command
    }

    pub fn start(mut command: Command) -> Writing {
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(process.stderr.take().unwrap());
        Writing { process, said, told: HashMap::new() }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.process)
    }

    /// Reads until it was told this often.
    pub fn listen(&mut self, times: usize) {
        for _ in 0..times {
            let mut line = String::new();
            self.said.read_line(&mut line).unwrap();
            self.hear(&line);
        }
    }

    fn hear(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("told"), "{line}");
        let mut number = || words.next().unwrap().parse::<u64>().unwrap();
        self.told.insert(TicketId(number()), number() as u32);
    }

    /// Waits for its end, and answers the last head that it was told of each ticket.
    pub fn end(mut self) -> HashMap<TicketId, u32> {
        self.hear_the_rest();
        self.process.wait().unwrap();
        self.told
    }

    fn hear_the_rest(&mut self) {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        for line in rest.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            self.hear(line);
        }
    }

    /// Kills it, and answers the last head that it was told of each ticket.
    pub fn kill(mut self) -> HashMap<TicketId, u32> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.hear_the_rest();
        self.told
    }
}

/// What is missing of what was told, and what is wrong with what is there.
pub async fn missing(dir: &Path, told: &HashMap<TicketId, u32>) -> Vec<String> {
    let (store, thread) = match open_unlocked(dir) {
        Ok(opened) => opened,
        Err(fault) => return vec![fault.to_string()],
    };
    let mut missing = Vec::new();
    let stages = store.stages().await.unwrap();
    for (ticket, head) in told {
        let events = store.events(*ticket, 1, u32::MAX, ALL).await.unwrap();
        if (events.len() as u32) < *head {
            missing.push(format!("{ticket:?}: told {head}, found {}", events.len()));
        }
        let is_right = |(at, found): &Logged, seq| *at == seq && found.starts_with(&event(*ticket, seq));
        assert!(events.iter().zip(1..).all(|(found, seq)| is_right(found, seq)));
        // A commit is there as a whole.
        let mixed = events.len() as u32 / MIXED * MIXED;
        let record = store.record(RecordKind::Setting, &ticket.0.to_be_bytes()).await.unwrap();
        let record = record.map_or(0, |found| found.version as u32);
        let stage = stages.iter().find(|facts| facts.ticket == *ticket).map_or(0, |facts| facts.seq);
        if (record, stage) != (mixed, mixed) {
            missing.push(format!("{ticket:?}: {} events, record {record}, stage {stage}", events.len()));
        }
    }
    close(store, thread).await;
    missing
}
