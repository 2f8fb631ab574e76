//! All connections of the engine: the registry of their outboxes, what waits in them in all, and what became of them.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskwire_protocol::kinds::Goodbye;
use deskwire_protocol::limits::{
    FIRST_FRAME_MS, IN_FLIGHT_FRAMES_MAX, OUTBOX_BYTES_MAX, OUTBOX_FRAMES_MAX, PING_AFTER_MS, SILENT_AFTER_MS,
};
use deskwire_protocol::{CloseCode, PublicFrame, Refusal};

use super::encoded::Form;
use super::outbox::Outbox;
use super::writer::Writer;

/// Most bytes that may wait in all outboxes together; beyond it the fullest outbox is cut off.
pub const OUTWARD_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Most bytes of frames that were read and not yet answered, in the whole engine; beyond it posts are refused.
pub const INWARD_BYTES_MAX: usize = 256 * 1024 * 1024;
/// A connection that was told its end has this long to read it, in milliseconds.
pub const LINGER_MS: u32 = 5_000;

/// The bounds of what may wait.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Frames in one outbox.
    pub outbox_frames_max: usize,
    /// Bytes in one outbox.
    pub outbox_bytes_max: usize,
    /// Bytes in all outboxes.
    pub outward_bytes_max: usize,
    /// Bytes read and not yet answered, in the whole engine.
    pub inward_bytes_max: usize,
    /// Frames of one connection that are accepted and not yet answered.
    pub in_flight_frames_max: u32,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            outbox_frames_max: OUTBOX_FRAMES_MAX,
            outbox_bytes_max: OUTBOX_BYTES_MAX,
            outward_bytes_max: OUTWARD_BYTES_MAX,
            inward_bytes_max: INWARD_BYTES_MAX,
            in_flight_frames_max: IN_FLIGHT_FRAMES_MAX,
        }
    }
}

/// How long the engine waits for a connection, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the opening to the frame that admits it.
    pub first_frame_ms: u32,
    /// Silence before a ping.
    pub ping_after_ms: u32,
    /// Silence, ping and all, before it is cut off.
    pub silent_after_ms: u32,
    /// From the close frame to the end of the socket.
    pub linger_ms: u32,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            first_frame_ms: FIRST_FRAME_MS as u32,
            ping_after_ms: PING_AFTER_MS as u32,
            silent_after_ms: SILENT_AFTER_MS as u32,
            linger_ms: LINGER_MS,
        }
    }
}

/// What became of requests and connections, counted since the start.
#[derive(Debug)]
pub struct Counts {
    refusals: [AtomicU64; Refusal::ALL.len()],
    closes: [AtomicU64; CloseCode::ALL.len()],
}

impl Counts {
    fn new() -> Counts {
        Counts { refusals: [const { AtomicU64::new(0) }; _], closes: [const { AtomicU64::new(0) }; _] }
    }

    /// How often each refusal was given.
    pub fn refusals(&self) -> impl Iterator<Item = (Refusal, u64)> {
        Refusal::ALL.iter().zip(&self.refusals).map(|(refusal, count)| (*refusal, count.load(Relaxed)))
    }

    /// How often the engine ended a connection, by reason.
    pub fn closes(&self) -> impl Iterator<Item = (CloseCode, u64)> {
        CloseCode::ALL.iter().zip(&self.closes).map(|(code, count)| (*code, count.load(Relaxed)))
    }

    /// Counts a refusal.
    pub fn refused(&self, refusal: Refusal) {
        count(Refusal::ALL, &self.refusals, refusal);
    }

    pub(super) fn closed(&self, code: CloseCode) {
        count(CloseCode::ALL, &self.closes, code);
    }
}

fn count<T: Copy + PartialEq>(all: &[T], counts: &[AtomicU64], which: T) {
    if let Some(at) = all.iter().position(|one| *one == which) {
        counts[at].fetch_add(1, Relaxed);
    }
}

/// All connections of the engine.
#[derive(Debug)]
pub struct Connections {
    bounds: Bounds,
    /// What was refused and closed.
    pub counts: Counts,
    outward: AtomicUsize,
    inward: AtomicUsize,
    now_ms: AtomicU32,
    next_id: AtomicU64,
    slots: Mutex<Slots>,
}

/// The registry: a place for each connection, places used again.
#[derive(Debug, Default)]
struct Slots {
    places: Vec<Option<Outbox>>,
    free: Vec<u32>,
}

impl Connections {
    /// None yet.
    pub fn new(bounds: Bounds) -> Arc<Connections> {
        Arc::new(Connections {
            bounds,
            counts: Counts::new(),
            outward: AtomicUsize::new(0),
            inward: AtomicUsize::new(0),
            now_ms: AtomicU32::new(0),
            next_id: AtomicU64::new(1),
            slots: Mutex::default(),
        })
    }

    /// A new connection: the end that everybody may push to, and the end that one writer takes from. It is in the
    /// registry until the writer is dropped.
    pub fn open(self: &Arc<Self>, form: Form) -> (Outbox, Writer) {
        let id = self.next_id.fetch_add(1, Relaxed);
        let outbox = Outbox::new(Arc::clone(self), id, form, self.now_ms());
        let mut slots = self.slots();
        let slot = slots.free.pop().unwrap_or(slots.places.len() as u32);
        match slots.places.get_mut(slot as usize) {
            Some(place) => *place = Some(outbox.clone()),
            None => slots.places.push(Some(outbox.clone())),
        }
        drop(slots);
        (outbox.clone(), Writer::new(outbox, slot))
    }

    pub(super) fn remove(&self, slot: u32) {
        let mut slots = self.slots();
        let gone = slots.places.get_mut(slot as usize).and_then(Option::take);
        slots.free.push(slot);
        drop(slots);
        drop(gone);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        let slots = self.slots();
        slots.places.len() - slots.free.len()
    }

    /// The bounds they were made with.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Bytes that wait in all outboxes.
    pub fn outward_bytes(&self) -> usize {
        self.outward.load(Relaxed)
    }

    /// Bytes that were read and are not answered yet.
    pub fn inward_bytes(&self) -> usize {
        self.inward.load(Relaxed)
    }

    /// Whether more was read than the engine may hold: posts are refused `busy` meanwhile.
    pub fn inward_is_full(&self) -> bool {
        self.inward_bytes() > self.bounds.inward_bytes_max
    }

    pub(super) fn add_inward(&self, bytes: usize) {
        self.inward.fetch_add(bytes, Relaxed);
    }

    pub(super) fn sub_inward(&self, bytes: usize) {
        self.inward.fetch_sub(bytes, Relaxed);
    }

    /// Adds to what waits; returns whether it is now too much.
    pub(super) fn add_outward(&self, bytes: usize) -> bool {
        self.outward.fetch_add(bytes, Relaxed) + bytes > self.bounds.outward_bytes_max
    }

    pub(super) fn sub_outward(&self, bytes: usize) {
        self.outward.fetch_sub(bytes, Relaxed);
    }

    /// Cuts off the fullest until the sum is within its bound again. Rare, so it may look at all of them.
    pub(super) fn cut_fullest(&self) {
        while self.outward_bytes() > self.bounds.outward_bytes_max {
            let fullest = self.slots().places.iter().flatten().max_by_key(|outbox| outbox.waiting_bytes()).cloned();
            match fullest {
                Some(outbox) if outbox.waiting_bytes() > 0 => outbox.cut(CloseCode::Slow),
                Some(_) | None => return,
            }
        }
    }

    /// The engine's coarse clock for silences: what the sweeper has added up. It wraps after 49 days.
    pub(super) fn now_ms(&self) -> u32 {
        self.now_ms.load(Relaxed)
    }

    /// Lets time pass, then pings who is silent, cuts off who stays so, and ends what lingers. One caller only.
    pub fn sweep(&self, passed_ms: u32, patience: &Patience) {
        let now_ms = self.now_ms.fetch_add(passed_ms, Relaxed).wrapping_add(passed_ms);
        let due: Vec<_> =
            self.slots().places.iter().flatten().filter_map(|o| Some((o.due(now_ms, patience)?, o.clone()))).collect();
        for (due, outbox) in due {
            outbox.do_due(due);
        }
    }

    /// Tells all to come back, spread over `spread_ms` so that they do not come at once, and closes them.
    pub fn say_goodbye(&self, spread_ms: u32) {
        let outboxes: Vec<Outbox> = self.slots().places.iter().flatten().cloned().collect();
        let count = outboxes.len() as u64;
        for (at, outbox) in outboxes.iter().enumerate() {
            let retry_ms = (u64::from(spread_ms) * at as u64 / count) as u32;
            outbox.send(&PublicFrame::from(Goodbye { retry_ms }));
            outbox.close(CloseCode::GoingAway);
        }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
