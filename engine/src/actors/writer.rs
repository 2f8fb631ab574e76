//! The other end of an outbox: what one connection takes from it, writes, and accounts for.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::task::Waker;

use bytes::Bytes;
use deskwire_protocol::{CloseCode, Malformed, PublicFrame, ServerFrame};

use super::encoded::Form;
use super::outbox::{Outbox, State};

/// The end of an outbox that takes. There is one; dropping it ends the connection and takes it from the registry.
#[derive(Debug)]
pub struct Writer {
    outbox: Outbox,
    slot: u32,
    /// Taken and not yet written whole.
    batch: VecDeque<Bytes>,
    /// Bytes of the first of them that are written.
    offset: usize,
    /// Written, and not yet told to the outbox.
    written: Written,
    /// Bytes read that make no whole frame yet; they count inwards.
    held: usize,
    cut_seen: bool,
    /// Whether the reading waits for the writing.
    behind: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Written {
    frames: usize,
    bytes: usize,
}

/// Whether the next push should wake the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// No: it will look again by itself.
    Off,
    /// Yes, if nothing waits now.
    On,
}

/// What there is to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Frames.
    Some,
    /// Nothing now.
    None,
    /// Nothing any more: the close frame was the last.
    Ended,
    /// Nothing any more, at once: the socket must go.
    Shut,
}

impl Writer {
    pub(super) fn new(outbox: Outbox, slot: u32) -> Writer {
        Writer {
            outbox,
            slot,
            batch: VecDeque::new(),
            offset: 0,
            written: Written::default(),
            held: 0,
            cut_seen: false,
            behind: false,
        }
    }

    /// The end that pushes.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Accounts for what was written, takes what waits, and says what is to be done. `waker` is called when that
    /// changes: with the alarm on also by the next push, in any case by a close, a cut or a freed permit.
    pub fn collect(&mut self, waker: &Waker, alarm: Alarm) -> Work {
        let mut queue = self.outbox.lock();
        if queue.state == State::Shut {
            return Work::Shut;
        }
        if !queue.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            queue.waker = Some(waker.clone());
        }
        if queue.state == State::Cut && !self.cut_seen {
            self.cut_seen = true;
            self.written = Written::default();
            self.batch.truncate(usize::from(self.offset > 0));
        }
        let bytes = self.written.bytes.min(queue.bytes);
        queue.bytes -= bytes;
        queue.frame_count = queue.frame_count.saturating_sub(self.written.frames);
        self.outbox.connections().sub_outward(bytes);
        self.outbox.connections().counts.wrote(self.written.frames);
        self.written = Written::default();
        if self.batch.is_empty() {
            std::mem::swap(&mut self.batch, &mut queue.frames);
        } else {
            self.batch.append(&mut queue.frames);
        }
        queue.armed = self.batch.is_empty() && alarm == Alarm::On;
        match (self.batch.is_empty(), queue.state) {
            (false, _) => Work::Some,
            (true, State::Open) => {
                queue.frames = VecDeque::new();
                drop(queue);
                self.batch = VecDeque::new();
                Work::None
            }
            (true, State::Closing | State::Cut | State::Shut) => Work::Ended,
        }
    }

    /// The unwritten bytes, as many frames as there are slices; returns how many slices were filled.
    pub fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for (slice, frame) in slices.iter_mut().zip(&self.batch) {
            let from = if filled == 0 { self.offset } else { 0 };
            *slice = IoSlice::new(&frame[from..]);
            filled += 1;
        }
        filled
    }

    /// Whether the reading must wait: the client has more to read than a page.
    pub fn holds_reader(&mut self) -> bool {
        self.behind = self.outbox.is_behind();
        self.behind
    }

    /// Whether the reading waited, and need not any more.
    pub fn frees_reader(&mut self) -> bool {
        self.behind && !self.holds_reader()
    }

    /// So many bytes of the slices were written.
    pub fn advance(&mut self, mut bytes: usize) {
        if self.behind && self.outbox.is_open() {
            // It is not read, so that it takes what we write is all we hear of it. One that ends has its own time.
            self.outbox.heard();
        }
        while let Some(frame) = self.batch.front() {
            let left = frame.len() - self.offset;
            if bytes < left {
                self.offset += bytes;
                return;
            }
            bytes -= left;
            self.offset = 0;
            self.written.frames += 1;
            self.written.bytes += frame.len();
            self.batch.pop_front();
        }
    }

    /// Whether all that was taken is written.
    pub fn is_written(&self) -> bool {
        self.batch.is_empty()
    }

    /// The connection holds so many bytes that make no whole frame yet. More than the engine may hold ends it.
    pub fn hold(&mut self, bytes: usize) {
        if bytes == self.held {
            return;
        }
        let connections = self.outbox.connections();
        connections.add_inward(bytes);
        connections.sub_inward(self.held);
        let grew = bytes > self.held;
        self.held = bytes;
        if grew && connections.inward_is_full() {
            self.outbox.cut(CloseCode::Crowded);
        }
    }

    /// Takes all that waits as frames, as if it had been written: for ends that are no socket, and for tests. Control
    /// frames are left out.
    pub fn take_frames(&mut self) -> Result<Vec<ServerFrame>, Malformed> {
        self.collect(Waker::noop(), Alarm::On);
        let form = self.outbox.form();
        let frames = self.batch.iter().filter_map(|bytes| decoded(bytes, form)).collect();
        let all = self.batch.iter().map(Bytes::len).sum::<usize>() - self.offset;
        self.advance(all);
        self.collect(Waker::noop(), Alarm::On);
        frames
    }
}

/// The frame in a finished WebSocket message of ours; nothing for a control frame.
fn decoded(bytes: &[u8], form: Form) -> Option<Result<ServerFrame, Malformed>> {
    let payload = match bytes {
        [0x88..=0x8f, ..] => return None,
        [_, 126, _, _, payload @ ..] => payload,
        [_, 127, _, _, _, _, _, _, _, _, payload @ ..] => payload,
        [_, _, payload @ ..] => payload,
        [] | [_] => return Some(Err(Malformed::Empty)),
    };
    Some(match form {
        Form::Binary => ServerFrame::decode(payload),
        Form::Json => json(payload),
    })
}

fn json(payload: &[u8]) -> Result<ServerFrame, Malformed> {
    let text = std::str::from_utf8(payload).map_err(|fault| Malformed::Json(fault.to_string()))?;
    PublicFrame::from_json(text)
        .map(ServerFrame::Public)
        .or_else(|_| deskwire_protocol::StaffFrame::from_json(text).map(ServerFrame::Staff))
}

impl Writer {
    /// The connection ends: from here on nothing begins to lead to it.
    pub fn shut(&self) {
        self.outbox.shut();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.outbox.shut();
        self.outbox.connections().sub_inward(self.held);
        self.outbox.connections().remove(self.slot);
    }
}
