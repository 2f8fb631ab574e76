//! What the tests of the store share: a directory, appends that are waited for, facts to put.

use std::path::Path;
use std::sync::Arc;

use deskwire::domain::event::CategoryId;
use deskwire::domain::facts::{Causes, Facts};
use deskwire::store::{Append, Incarnation, Outcome, PageLimits, Store, StoreHandle, StoreSettings, StoreThread};
use deskwire_protocol::{PersonId, Phase, Priority, StageName, TicketId, Time};
use tokio::sync::oneshot;

pub const T: TicketId = TicketId(0x1234);
pub const ONE: Incarnation = Incarnation(1);
pub const TWO: Incarnation = Incarnation(2);
pub const ALL: PageLimits = PageLimits { events: usize::MAX, bytes: usize::MAX };

/// Settings without a ballast file, which most tests need not write.
pub fn settings() -> StoreSettings {
    StoreSettings {
        ballast_bytes: 0,
        reserve_bytes: 0,
        // Small, so that the tests go from one file of the journal to the other many times.
        journal_bytes: 32 << 10,
        disk_low_bytes: 0,
        disk_lowest_bytes: 0,
        keep_every_ms: 20,
        on_fatal: Arc::new(|fatal| panic!("fatal: {fatal}")),
        ..StoreSettings::default()
    }
}

pub fn open(dir: &Path) -> (StoreHandle, StoreThread) {
    Store::open(dir, settings()).unwrap_or_else(|fault| panic!("{fault}"))
}

pub async fn close(handle: StoreHandle, thread: StoreThread) {
    thread.stop().await;
    drop(handle);
}

/// An event that says where it belongs, so that a misplaced one is noticed.
pub fn event(ticket: TicketId, seq: u32) -> Vec<u8> {
    let mut bytes = vec![2];
    bytes.extend_from_slice(&ticket.0.to_le_bytes());
    bytes.extend_from_slice(&seq.to_le_bytes());
    bytes.extend_from_slice(&[b'x'; 100]);
    bytes
}

pub fn append(
    ticket: TicketId,
    incarnation: Incarnation,
    first: u32,
    count: u32,
) -> (Append, oneshot::Receiver<Outcome>) {
    let (tell, told) = oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let append = Append {
        ticket,
        incarnation,
        first,
        events: (first..first + count).map(|seq| event(ticket, seq)).collect(),
        stage: None,
        records: Vec::new(),
        told: Arc::new(move |outcome| {
            let tell = tell.lock().unwrap().take().expect("told once");
            // A test that does not listen is none the worse.
            let _ = tell.send(outcome);
        }),
    };
    (append, told)
}

/// Appends and waits until it is on disk or refused.
pub async fn put(store: &StoreHandle, ticket: TicketId, incarnation: Incarnation, first: u32, count: u32) -> Outcome {
    let (append, told) = append(ticket, incarnation, first, count);
    store.append(append).await.unwrap();
    told.await.unwrap()
}

pub fn facts(ticket: TicketId, seq: u32) -> Facts {
    Facts {
        ticket,
        seq,
        stage: StageName::Assigned,
        round: 1,
        agent: Some(PersonId(9)),
        customer: PersonId(5),
        category: CategoryId(3),
        priority: Priority::Normal,
        arrived: Time::from_ms(1_000),
        since: Time::from_ms(1_000),
        phase: Phase::Live,
        reachable: false,
        skills: Vec::new(),
        wrap_up_until: None,
        told: Causes::default(),
        hands: Default::default(),
        name: "Ada".to_owned(),
        subject: "The engine".to_owned(),
    }
}

/// The files of a store as they are now; of an open one, what a sudden end would leave.
pub fn copy_store(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("log/blobs")).unwrap();
    for part in ["log/conf", "log/db", "identity", "watermark", "journal.0", "journal.1"] {
        std::fs::copy(from.join(part), to.join(part)).unwrap();
    }
}
