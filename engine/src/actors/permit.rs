//! The right of a frame to be in flight: what bounds one client's frames inside the engine.

use std::sync::atomic::{AtomicU32, Ordering};

use deskwire_protocol::limits::PAGE_BYTES_MAX;

use super::encoded::Form;
use super::outbox::Outbox;

/// Set in the count when the reader waits for a place.
const STOPPED: u32 = 1 << 31;

/// In place of the time of a read where there was none.
const NEVER_READ: u32 = 0;

/// How many frames of one connection are in flight, whether its reader waits, and when it last read.
#[derive(Debug, Default)]
pub(super) struct Gate {
    taken: AtomicU32,
    /// When bytes were last read, in microseconds that wrap around.
    read_us: AtomicU32,
}

impl Gate {
    /// Takes a place, or notes that the reader waits for one.
    fn enter(&self, max: u32) -> bool {
        let step = |now: u32| match now & !STOPPED {
            taken if taken < max => taken + 1,
            taken => taken | STOPPED,
        };
        let before = self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| Some(step(now)));
        before.unwrap_or_else(|now| now) & !STOPPED < max
    }

    /// Takes more places for a frame that is in, whether or not they are there.
    fn widen(&self, places: u32) {
        self.taken.fetch_add(places, Ordering::AcqRel);
    }

    /// Gives places back; returns whether the reader waits.
    fn leave(&self, places: u32) -> bool {
        self.taken.fetch_sub(places, Ordering::AcqRel) & STOPPED != 0
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.taken.load(Ordering::Acquire) & STOPPED != 0
    }

    fn taken(&self) -> u32 {
        self.taken.load(Ordering::Acquire) & !STOPPED
    }
}

impl Outbox {
    /// A place for one frame in flight; `None` when all are taken: the next that becomes free wakes the reader.
    pub fn try_permit(&self) -> Option<Permit> {
        let max = self.connections().bounds().in_flight_frames_max;
        self.0.gate.enter(max).then(|| Permit {
            outbox: self.clone(),
            bytes: 0,
            places: 1,
            read_us: self.0.gate.read_us.load(Ordering::Relaxed),
            is_post: false,
        })
    }

    /// Frames that are looked at from now on were read at this time, in microseconds that may wrap around: an hour is
    /// more than any frame waits; 0 for not known.
    pub(crate) fn read_at(&self, now_us: u32) {
        self.0.gate.read_us.store(now_us, Ordering::Relaxed);
    }

    /// Whether so much waits to be written that its client should read before it asks for more.
    pub(crate) fn is_behind(&self) -> bool {
        self.waiting_bytes() > PAGE_BYTES_MAX
    }

    /// Places that frames in flight take.
    pub fn in_flight(&self) -> u32 {
        self.0.gate.taken()
    }
}

/// The right of one frame to be in flight. It travels with the frame; dropping it gives the place back and, if the
/// reader had stopped for want of one, lets it go on.
#[derive(Debug)]
pub struct Permit {
    outbox: Outbox,
    bytes: usize,
    places: u32,
    read_us: u32,
    is_post: bool,
}

impl Permit {
    /// The connection whose frame it is.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// How long ago its frame was read, in microseconds, at this moment of [`Outbox::read_at`]'s clock; none for a frame
    /// that came by no socket.
    pub(super) fn since_read(&self, now_us: u32) -> Option<u32> {
        (self.read_us != NEVER_READ).then(|| now_us.wrapping_sub(self.read_us))
    }

    /// How many bytes the frame holds in the engine; they count inwards until the permit is dropped.
    pub fn carry(&mut self, bytes: usize) {
        let connections = self.outbox.connections();
        connections.add_inward(bytes);
        connections.sub_inward(std::mem::replace(&mut self.bytes, bytes));
    }

    /// The frame is a post that was accepted: it counts until the permit is dropped.
    pub fn accept_post(&mut self) {
        if !std::mem::replace(&mut self.is_post, true) {
            self.outbox.connections().intake.enter();
        }
    }

    /// The frame asks for a page, the largest of answers, and takes so many places that what is in flight always fits
    /// the outbox: half of all; as JSON, where a page can be longer than the outbox, all.
    pub fn ask_page(&mut self) {
        let all = self.outbox.connections().bounds().in_flight_frames_max;
        let places = match self.outbox.form() {
            Form::Binary => all.div_ceil(2),
            Form::Json => all,
        };
        self.outbox.0.gate.widen(places - self.places);
        self.places = places;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let connections = self.outbox.connections();
        connections.sub_inward(self.bytes);
        if self.is_post {
            connections.intake.leave();
        }
        if self.outbox.0.gate.leave(self.places) {
            self.outbox.wake_reader();
        }
    }
}
