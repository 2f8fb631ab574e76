//! All connections of the engine: the registry of their outboxes, what waits in them in all, and what became of them.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskwire_protocol::kinds::Goodbye;
use deskwire_protocol::limits::{
    FIRST_FRAME_MS, IN_FLIGHT_FRAMES_MAX, OUTBOX_BYTES_MAX, OUTBOX_FRAMES_MAX, PING_AFTER_MS, SILENT_AFTER_MS,
};
use deskwire_protocol::{CloseCode, PublicFrame};

use super::counts::Counts;
use super::encoded::Form;
use super::errand::{ERRANDS_MAX, Place, Places};
use super::intake::Intake;
use super::outbox::Outbox;
use super::writer::Writer;
use crate::metrics::CutReason;
use crate::planted::{self, PlantedBug};

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
    /// Errands that are on their way.
    pub errands_max: u32,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            outbox_frames_max: OUTBOX_FRAMES_MAX,
            outbox_bytes_max: OUTBOX_BYTES_MAX,
            outward_bytes_max: OUTWARD_BYTES_MAX,
            inward_bytes_max: INWARD_BYTES_MAX,
            in_flight_frames_max: IN_FLIGHT_FRAMES_MAX,
            errands_max: ERRANDS_MAX,
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

/// All connections of the engine.
#[derive(Debug)]
pub struct Connections {
    bounds: Bounds,
    /// What was refused and closed.
    pub counts: Counts,
    outward: AtomicUsize,
    inward: AtomicUsize,
    /// The posts among them.
    pub intake: Intake,
    now_ms: AtomicU32,
    next_id: AtomicU64,
    slots: Mutex<Slots>,
    pub(super) places: Places,
}

/// The registry: a place for each connection, places used again.
#[derive(Debug, Default)]
struct Slots {
    places: Vec<Option<Outbox>>,
    free: Vec<u32>,
    /// Of those in use, how many are errands.
    errands: usize,
}

impl Connections {
    /// None yet.
    pub fn new(mut bounds: Bounds) -> Arc<Connections> {
        if planted::is(PlantedBug::OutboxUnbounded) {
            (bounds.outbox_frames_max, bounds.outbox_bytes_max) = (usize::MAX, usize::MAX);
        }
        Arc::new(Connections {
            bounds,
            counts: Counts::default(),
            outward: AtomicUsize::new(0),
            inward: AtomicUsize::new(0),
            intake: Intake::default(),
            now_ms: AtomicU32::new(0),
            next_id: AtomicU64::new(1),
            slots: Mutex::default(),
            places: Places::new(bounds.errands_max),
        })
    }

    /// A new connection: the end that everybody may push to, and the end that one writer takes from. It is in the
    /// registry until the writer is dropped.
    pub fn open(self: &Arc<Self>, form: Form) -> (Outbox, Writer) {
        self.open_at(form, None)
    }

    /// The same for an errand, which has a place among errands.
    pub(super) fn open_at(self: &Arc<Self>, form: Form, place: Option<Place>) -> (Outbox, Writer) {
        let id = self.next_id.fetch_add(1, Relaxed);
        let outbox = Outbox::new(Arc::clone(self), id, form, place);
        let mut slots = self.slots();
        slots.errands += usize::from(outbox.is_errand());
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
        slots.errands -= usize::from(gone.as_ref().is_some_and(Outbox::is_errand));
        drop(slots);
        drop(gone);
    }

    /// How many there are, errands apart.
    pub fn count(&self) -> usize {
        let slots = self.slots();
        slots.places.len() - slots.free.len() - slots.errands
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

    /// Frames that were accepted and are not answered yet. Looks at all connections.
    pub fn in_flight(&self) -> u64 {
        self.slots().places.iter().flatten().map(|outbox| u64::from(outbox.in_flight())).sum()
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
                Some(outbox) if outbox.waiting_bytes() > 0 => outbox.cut_slow(CutReason::Engine),
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
        if planted::is(PlantedBug::SilenceForgiven) {
            return;
        }
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

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use deskwire_protocol::ServerFrame;
    use deskwire_protocol::kinds::Pong;

    use super::*;
    use crate::actors::encoded::Audience;
    use crate::actors::writer::Alarm;

    const PATIENCE: Patience =
        Patience { first_frame_ms: 1_000, ping_after_ms: 3_200, silent_after_ms: 8_000, linger_ms: 500 };

    fn open_as(audience: Audience) -> (Arc<Connections>, Outbox, Writer) {
        let connections = Connections::new(Bounds::default());
        let (outbox, writer) = connections.open(Form::Binary);
        outbox.admit(audience);
        (connections, outbox, writer)
    }

    fn closes(connections: &Connections) -> Vec<(CloseCode, u64)> {
        connections.counts.closes().filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn silence_is_pinged_once_then_cut() {
        let (connections, outbox, _writer) = open_as(Audience::Customer);
        connections.sweep(2_000, &PATIENCE);
        assert_eq!(outbox.waiting_frames(), 0);
        connections.sweep(1_200, &PATIENCE);
        connections.sweep(1_000, &PATIENCE);
        assert_eq!(outbox.waiting_frames(), 1);
        connections.sweep(3_800, &PATIENCE);
        assert_eq!(closes(&connections), [(CloseCode::Silent, 1)]);
    }

    #[test]
    fn who_was_heard_has_time_again() {
        let (connections, outbox, _writer) = open_as(Audience::Customer);
        for _ in 0..10 {
            connections.sweep(7_000, &PATIENCE);
            outbox.heard();
        }
        assert!(outbox.is_open());
    }

    /// The reader stopped because the engine has not answered: that silence is not the client's.
    #[test]
    fn who_waits_for_a_permit_is_not_silent() {
        let (connections, outbox, _writer) = open_as(Audience::Customer);
        let permits: Vec<_> = std::iter::from_fn(|| outbox.try_permit()).collect();
        assert_eq!(permits.len(), IN_FLIGHT_FRAMES_MAX as usize);
        connections.sweep(60_000, &PATIENCE);
        assert!(outbox.is_open());
        drop(permits);
        assert!(outbox.try_permit().is_some());
        connections.sweep(60_000, &PATIENCE);
        assert!(!outbox.is_open());
    }

    /// The reader waits until the client has read: as long as it takes what we write, it is there.
    #[test]
    fn who_reads_what_waits_is_not_silent() {
        let (connections, outbox, mut writer) = open_as(Audience::Customer);
        outbox.echo(Form::Binary, &[0; 100_000]);
        assert!(writer.holds_reader());
        writer.collect(Waker::noop(), Alarm::Off);
        for _ in 0..10 {
            connections.sweep(7_000, &PATIENCE);
            writer.advance(1_000);
        }
        assert!(outbox.is_open());
        connections.sweep(8_000, &PATIENCE);
        assert_eq!(closes(&connections), [(CloseCode::Silent, 1)]);
    }

    #[test]
    fn who_is_not_admitted_gains_nothing_by_talking() {
        let connections = Connections::new(Bounds::default());
        let (outbox, _writer) = connections.open(Form::Json);
        connections.sweep(999, &PATIENCE);
        outbox.heard();
        connections.sweep(1, &PATIENCE);
        assert_eq!(closes(&connections), [(CloseCode::NoHello, 1)]);
    }

    #[test]
    fn time_may_wrap() {
        let (connections, outbox, _writer) = open_as(Audience::Customer);
        connections.sweep(u32::MAX - 1_000, &Patience { silent_after_ms: u32::MAX, ..PATIENCE });
        outbox.heard();
        connections.sweep(2_000, &PATIENCE);
        assert!(outbox.is_open());
    }

    /// C13
    #[test]
    fn only_staff_has_a_way_for_staff_frames() {
        let (_, customer, _writer) = open_as(Audience::Customer);
        assert!(customer.staff().is_none());
        customer.admit(Audience::Staff);
        assert!(customer.staff().is_none(), "the audience is set once");
        let (_, staff, mut writer) = open_as(Audience::Staff);
        let frame = deskwire_protocol::StaffFrame::from(deskwire_protocol::kinds::Yours { ticket: Default::default() });
        staff.staff().unwrap().send(&frame);
        assert_eq!(writer.take_frames().unwrap(), [ServerFrame::Staff(frame)]);
    }

    #[test]
    fn places_are_used_again_and_nothing_stays_behind() {
        let connections = Connections::new(Bounds::default());
        for _ in 0..3 {
            let opened: Vec<_> = (0..5).map(|_| connections.open(Form::Binary)).collect();
            opened.iter().for_each(|(outbox, _)| outbox.send(&Pong { nonce: 1 }.into()));
            assert!(connections.outward_bytes() > 0);
            assert_eq!(connections.count(), 5);
            let (kept, writer) = connections.open(Form::Binary);
            drop(writer);
            kept.send(&Pong { nonce: 2 }.into());
            assert_eq!(kept.waiting_frames(), 0);
        }
        assert_eq!((connections.count(), connections.outward_bytes()), (0, 0));
        assert_eq!(connections.slots().places.len(), 6);
    }
}
