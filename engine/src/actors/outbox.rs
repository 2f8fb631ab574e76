//! The outbox: the only way to a connection, a bounded queue of finished frames that holds no memory while empty.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use bytes::Bytes;
use deskwire_protocol::{CloseCode, PublicFrame, StaffFrame};

use super::connections::{Connections, Patience};
use super::encoded::{self, Audience, Form, PublicBytes, StaffBytes};
use super::errand::Place;
use super::permit::Gate;
use crate::metrics::CutReason;

const NOT_ADMITTED: u8 = 0;
const CUSTOMER: u8 = 1;
const STAFF: u8 = 2;

/// The only way to a connection. A clone leads to the same connection; two are equal when they do.
#[derive(Clone)]
pub struct Outbox(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) connections: Arc<Connections>,
    id: u64,
    queue: Mutex<Queue>,
    pub(super) gate: Gate,
    /// When the connection was last heard; from the close on, when that began.
    heard_ms: AtomicU32,
    pinged: AtomicBool,
    /// Set with the first close or cut, so that asking needs no lock.
    ended: AtomicBool,
    admitted: AtomicU8,
    form: Form,
    /// That of an errand; whoever still leads to it holds it.
    pub(super) place: Option<Place>,
}

/// What waits for one connection, and whether it may still take more.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) frames: VecDeque<Bytes>,
    /// Frames that wait or are being written.
    pub(super) frame_count: usize,
    /// Their bytes.
    pub(super) bytes: usize,
    pub(super) state: State,
    /// Whether a push must wake the writer.
    pub(super) armed: bool,
    pub(super) waker: Option<Waker>,
}

/// The life of an outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// Takes frames.
    #[default]
    Open,
    /// Takes no more; what waits is written, the close frame last.
    Closing,
    /// Takes no more; what waited is gone, only the close frame is written.
    Cut,
    /// The connection is gone.
    Shut,
}

/// What the passing of time asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Silent: is it still there?
    Ping,
    /// It was not admitted in time.
    NoHello,
    /// Silent, the ping included.
    Silent,
    /// It had time to read its end.
    Shut,
}

impl Outbox {
    pub(super) fn new(connections: Arc<Connections>, id: u64, form: Form, place: Option<Place>) -> Outbox {
        let now_ms = connections.now_ms();
        Outbox(Arc::new(Inner {
            connections,
            id,
            queue: Mutex::default(),
            gate: Gate::default(),
            heard_ms: AtomicU32::new(now_ms),
            pinged: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            admitted: AtomicU8::new(NOT_ADMITTED),
            form,
            place,
        }))
    }

    /// A number that no other connection of this process has.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// The subprotocol it speaks.
    pub fn form(&self) -> Form {
        self.0.form
    }

    /// All connections of the engine.
    pub fn connections(&self) -> &Arc<Connections> {
        &self.0.connections
    }

    /// The first frame was good: from now on the connection may stay, and hears what its audience may. Counts once.
    pub fn admit(&self, audience: Audience) {
        let to = match audience {
            Audience::Customer => CUSTOMER,
            Audience::Staff => STAFF,
        };
        let admitted = &self.0.admitted;
        let first = admitted.compare_exchange(NOT_ADMITTED, to, Ordering::Release, Ordering::Relaxed);
        if first.is_ok() {
            self.heard();
        }
    }

    /// Whether the first frame was good.
    pub fn is_admitted(&self) -> bool {
        self.0.admitted.load(Ordering::Acquire) != NOT_ADMITTED
    }

    /// Who is at the other end; a customer until it is known.
    pub fn audience(&self) -> Audience {
        match self.0.admitted.load(Ordering::Acquire) {
            STAFF => Audience::Staff,
            _ => Audience::Customer,
        }
    }

    /// The way for staff frames, if staff is at the other end.
    pub fn staff(&self) -> Option<StaffOutbox<'_>> {
        match self.audience() {
            Audience::Staff => Some(StaffOutbox(self)),
            Audience::Customer => None,
        }
    }

    /// Puts a frame in the queue, in this connection's form. Best effort: what is too much cuts the connection off,
    /// what comes after its end is dropped.
    pub fn push(&self, PublicBytes(bytes): PublicBytes) {
        self.put(bytes);
    }

    /// Encodes one frame for this connection alone, and pushes it.
    pub fn send(&self, frame: &PublicFrame) {
        self.push(PublicBytes::new(frame, self.form()));
    }

    /// Sends a client's own words back to it, in a form of its choice: for judging the framing, without frames.
    pub fn echo(&self, form: Form, payload: &[u8]) {
        self.put(encoded::message(form, payload));
    }

    /// Ends the connection after what waits was written. The first end counts.
    pub fn close(&self, code: CloseCode) {
        if self.begin_close(encoded::close(code)) {
            self.0.connections.counts.closed(code);
        }
    }

    /// Cuts a slow reader off, for the bound it passed.
    pub(super) fn cut_slow(&self, bound: CutReason) {
        if self.end_now(CloseCode::Slow) {
            self.0.connections.counts.cut(bound);
        }
    }

    /// Ends the connection now: what waits is dropped. The first end counts.
    pub fn cut(&self, code: CloseCode) {
        self.end_now(code);
    }

    /// Answers whether this was the end.
    fn end_now(&self, code: CloseCode) -> bool {
        let mut queue = self.lock();
        if queue.state != State::Open {
            return false;
        }
        let dropped = std::mem::replace(&mut queue.frames, VecDeque::from([encoded::close(code)]));
        queue.state = State::Cut;
        self.forget_waiting(&mut queue);
        self.mark_end();
        let waker = queue.waker.clone();
        drop(queue);
        drop(dropped);
        self.0.connections.counts.closed(code);
        wake(waker);
        true
    }

    /// Whether pushes still have a chance to arrive.
    pub fn is_open(&self) -> bool {
        !self.0.ended.load(Ordering::Acquire)
    }

    /// Frames that wait or are being written.
    pub fn waiting_frames(&self) -> usize {
        self.lock().frame_count
    }

    /// Bytes that wait or are being written.
    pub fn waiting_bytes(&self) -> usize {
        self.lock().bytes
    }

    /// The client said something. Before it is admitted that changes nothing: it has so long and no longer.
    pub(crate) fn heard(&self) {
        if self.is_admitted() {
            self.0.heard_ms.store(self.0.connections.now_ms(), Ordering::Relaxed);
            self.0.pinged.store(false, Ordering::Relaxed);
        }
    }

    /// Answers a ping.
    pub(crate) fn pong(&self, payload: &[u8]) {
        self.put(encoded::pong(payload));
    }

    /// Answers the client's close frame, after what waits.
    pub(crate) fn answer_close(&self, code: Option<u16>) {
        if self.begin_close(encoded::close_answer(code)) {
            self.0.connections.counts.closed(CloseCode::Normal);
        }
    }

    /// What the passing of time asks for, if anything.
    pub(super) fn due(&self, now_ms: u32, patience: &Patience) -> Option<Due> {
        let silent_ms = now_ms.wrapping_sub(self.0.heard_ms.load(Ordering::Relaxed));
        if !self.is_open() {
            return (silent_ms >= patience.linger_ms).then_some(Due::Shut);
        }
        if !self.is_admitted() {
            return (silent_ms >= patience.first_frame_ms).then_some(Due::NoHello);
        }
        if self.0.gate.is_stopped() {
            // Its reader waits for us: the silence is ours.
            self.heard();
            return None;
        }
        if silent_ms >= patience.silent_after_ms {
            return Some(Due::Silent);
        }
        let pinged = self.0.pinged.load(Ordering::Relaxed);
        (silent_ms >= self.ping_after(patience) && !pinged).then_some(Due::Ping)
    }

    /// Does what the passing of time asks for.
    pub(super) fn do_due(&self, due: Due) {
        match due {
            Due::Ping => {
                self.0.pinged.store(true, Ordering::Relaxed);
                self.put(encoded::ping());
            }
            Due::NoHello => self.close(CloseCode::NoHello),
            Due::Silent => self.cut(CloseCode::Silent),
            Due::Shut => self.shut(),
        }
    }

    /// Those who came together are not pinged together: up to a quarter earlier, by their number.
    fn ping_after(&self, patience: &Patience) -> u32 {
        patience.ping_after_ms - (patience.ping_after_ms / 32) * (self.0.id % 8) as u32
    }

    fn put(&self, bytes: Bytes) {
        let bounds = self.0.connections.bounds();
        let size = bytes.len();
        let mut queue = self.lock();
        if queue.state != State::Open {
            return;
        }
        let passed = match () {
            () if queue.frame_count >= bounds.outbox_frames_max => Some(CutReason::Frames),
            // What waits is judged, not what comes: the longest page as JSON is longer than the bound.
            () if queue.bytes >= bounds.outbox_bytes_max => Some(CutReason::Bytes),
            () => None,
        };
        if let Some(bound) = passed {
            drop(queue);
            return self.cut_slow(bound);
        }
        queue.frames.push_back(bytes);
        queue.frame_count += 1;
        queue.bytes += size;
        let too_much = self.0.connections.add_outward(size);
        let waker = if std::mem::take(&mut queue.armed) { queue.waker.clone() } else { None };
        drop(queue);
        wake(waker);
        if too_much {
            self.0.connections.cut_fullest();
        }
    }

    fn begin_close(&self, frame: Bytes) -> bool {
        let mut queue = self.lock();
        if queue.state != State::Open {
            return false;
        }
        queue.frames.push_back(frame);
        queue.state = State::Closing;
        self.mark_end();
        let waker = queue.waker.clone();
        drop(queue);
        wake(waker);
        true
    }

    /// The end of the socket, whatever waits.
    pub(super) fn shut(&self) {
        let mut queue = self.lock();
        queue.state = State::Shut;
        self.forget_waiting(&mut queue);
        self.mark_end();
        let frames = std::mem::take(&mut queue.frames);
        let waker = queue.waker.take();
        drop(queue);
        drop(frames);
        wake(waker);
    }

    fn mark_end(&self) {
        self.0.ended.store(true, Ordering::Release);
        self.0.heard_ms.store(self.0.connections.now_ms(), Ordering::Relaxed);
    }

    fn forget_waiting(&self, queue: &mut Queue) {
        self.0.connections.sub_outward(queue.bytes);
        queue.bytes = 0;
        queue.frame_count = 0;
    }

    pub(super) fn wake_reader(&self) {
        let waker = self.lock().waker.clone();
        wake(waker);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl PartialEq for Outbox {
    fn eq(&self, other: &Outbox) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Outbox {}

impl Hash for Outbox {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outbox({})", self.0.id)
    }
}

/// An outbox with staff at the other end: the only one that takes staff frames.
#[derive(Clone, Copy, Debug)]
pub struct StaffOutbox<'a>(&'a Outbox);

impl StaffOutbox<'_> {
    /// The subprotocol it speaks.
    pub fn form(&self) -> Form {
        self.0.form()
    }

    /// Puts a staff frame in the queue, as [`Outbox::push`] does.
    pub fn push(&self, StaffBytes(bytes): StaffBytes) {
        self.0.put(bytes);
    }

    /// Encodes one frame for this connection alone, and pushes it.
    pub fn send(&self, frame: &StaffFrame) {
        self.push(StaffBytes::new(frame, self.0.form()));
    }
}
