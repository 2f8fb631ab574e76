//! One connection: a lean task that holds a buffer only while there is something to read.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use deskwire_protocol::CloseCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Handler;
use super::flush::{Outward, poll_flush};
use super::guard::{Event, Guard, Limits};
use crate::actors::outbox::Outbox;
use crate::actors::writer::{Alarm, Work, Writer};

/// Bytes read at once. One such buffer for each thread, lent to whoever is reading.
const SCRATCH_BYTES: usize = 16 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// One connection from its upgrade to its end, as a future.
///
/// It has no timer (the sweep sees to silence), no channel (the outbox wakes it) and no buffer of its own, but for
/// what a client sent of a message that is not whole yet, or while all its permits are out.
pub struct Connection<S, H: Handler, P> {
    stream: S,
    writer: Writer,
    handler: Arc<H>,
    peer: Option<H::Peer>,
    guard: Guard,
    /// Read, and not looked at yet.
    backlog: Vec<u8>,
    stage: Stage,
    /// Given back when the connection is gone.
    _place: P,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Messages are taken.
    Open,
    /// They are not; what waits is written, then the close frame.
    Ending,
    /// The client ended it; as before, and nothing of it is awaited after the close frame.
    Answering,
    /// The close frame is written; the client has a while to read it.
    Lingering,
}

/// How far the reading came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inward {
    /// There may be more.
    More,
    /// Nothing now: the socket, or a permit, wakes us.
    Idle,
    /// The client is gone.
    Gone,
}

impl<S, H: Handler, P> Connection<S, H, P> {
    /// Opens a connection with the handler. `read_ahead` is what the client sent along with its request.
    pub fn new(
        stream: S,
        writer: Writer,
        handler: Arc<H>,
        (limits, token): (Limits, Option<String>),
        read_ahead: Vec<u8>,
        place: P,
    ) -> Connection<S, H, P> {
        let peer = match handler.opened(writer.outbox(), token) {
            Ok(peer) => Some(peer),
            Err(code) => {
                writer.outbox().close(code);
                None
            }
        };
        let guard = Guard::new(limits);
        Connection { stream, writer, handler, peer, guard, backlog: read_ahead, stage: Stage::Open, _place: place }
    }

    /// Takes whole messages out of bytes as long as there are permits; returns how many bytes were looked at.
    fn take_messages(&mut self, bytes: &mut [u8]) -> usize {
        let mut at = 0;
        let outbox = self.writer.outbox();
        let Some(peer) = &mut self.peer else { return bytes.len() };
        let hand_over = Handover { handler: &*self.handler, outbox, peer, guard: &mut self.guard };
        match hand_over.run(bytes, &mut at) {
            Ok(Next::GoOn) => {}
            Ok(Next::Answer(code)) => {
                outbox.answer_close(code);
                self.stage = Stage::Answering;
            }
            Err(code) => outbox.close(code),
        }
        at
    }

    /// Ends the taking of messages once the outbox has ended, whoever ended it.
    fn notice_end(&mut self) {
        if self.writer.outbox().is_open() {
            return;
        }
        if self.stage == Stage::Open {
            self.stage = Stage::Ending;
        }
        if let Some(peer) = self.peer.take() {
            self.handler.closed(peer);
        }
        self.backlog = Vec::new();
        self.writer.hold(0);
    }
}

/// What the taking of messages came to.
enum Next {
    GoOn,
    Answer(Option<u16>),
}

/// All that is needed to hand messages to the handler.
struct Handover<'a, H: Handler> {
    handler: &'a H,
    outbox: &'a Outbox,
    peer: &'a mut H::Peer,
    guard: &'a mut Guard,
}

impl<H: Handler> Handover<'_, H> {
    fn run(self, bytes: &mut [u8], at: &mut usize) -> Result<Next, CloseCode> {
        let mut spare = None;
        while *at < bytes.len() && self.outbox.is_open() && !self.outbox.is_behind() {
            let Some(mut permit) = spare.take().or_else(|| self.outbox.try_permit()) else {
                break;
            };
            match self.guard.next(bytes, at)? {
                Some(Event::Message(message)) => {
                    permit.carry(message.bytes().len());
                    self.handler.message(self.peer, self.outbox, permit, message)?;
                    continue;
                }
                Some(Event::Ping(payload)) => self.outbox.pong(payload),
                Some(Event::Pong) | None => {}
                Some(Event::Close(code)) => return Ok(Next::Answer(code)),
            }
            spare = Some(permit);
        }
        Ok(Next::GoOn)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, H: Handler, P> Connection<S, H, P> {
    /// Reads and hands over, once; nothing while the client has much to read itself.
    fn poll_inward(&mut self, context: &mut Context<'_>) -> Inward {
        if self.writer.holds_reader() {
            return Inward::Idle;
        }
        if !self.backlog.is_empty() {
            let mut bytes = std::mem::take(&mut self.backlog);
            let at = self.take_messages(&mut bytes);
            self.keep(&bytes[at..]);
        } else {
            match self.poll_scratch(context) {
                Poll::Pending => return Inward::Idle,
                Poll::Ready(0) => return Inward::Gone,
                Poll::Ready(_) => {}
            }
        }
        // What is left over waits for a permit, or for what waits to be written.
        match self.backlog.is_empty() {
            true => Inward::More,
            false => {
                self.writer.holds_reader();
                Inward::Idle
            }
        }
    }

    /// Reads into the thread's buffer and hands over what came; 0 bytes for a client that is gone.
    fn poll_scratch(&mut self, context: &mut Context<'_>) -> Poll<usize> {
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.resize(SCRATCH_BYTES, 0);
            let count = ready!(poll_read(&mut self.stream, scratch, context));
            if count > 0 {
                self.writer.outbox().heard();
                self.writer.outbox().read_at(self.handler.now_us());
                let at = self.take_messages(&mut scratch[..count]);
                self.keep(&scratch[at..count]);
            }
            Poll::Ready(count)
        })
    }

    fn keep(&mut self, rest: &[u8]) {
        self.guard.free_given();
        self.backlog = rest.to_vec();
        self.writer.hold(self.guard.held() + rest.len());
    }

    /// Reads and forgets, so that the client's last bytes do not reset the connection under our close frame.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Inward {
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.resize(SCRATCH_BYTES, 0);
            match poll_read(&mut self.stream, scratch, context) {
                Poll::Pending => Inward::Idle,
                Poll::Ready(0) => Inward::Gone,
                Poll::Ready(_) => Inward::More,
            }
        })
    }

    /// Reads once, writes all.
    fn poll_once(&mut self, context: &mut Context<'_>) -> Inward {
        self.notice_end();
        let inward = match self.stage {
            Stage::Open => self.poll_inward(context),
            Stage::Ending | Stage::Answering => Inward::Idle,
            Stage::Lingering => self.poll_discard(context),
        };
        if inward == Inward::Gone {
            return Inward::Gone;
        }
        self.notice_end();
        match poll_flush(&mut self.writer, &mut self.stream, context) {
            Outward::Idle | Outward::Blocked if self.stage == Stage::Open && self.writer.frees_reader() => Inward::More,
            Outward::Idle | Outward::Blocked => inward,
            Outward::Gone => Inward::Gone,
            Outward::Ended => self.poll_end(inward, context),
        }
    }

    /// The close frame is written: no more comes from us, and of the client only its own close frame.
    fn poll_end(&mut self, inward: Inward, context: &mut Context<'_>) -> Inward {
        self.notice_end();
        match self.stage {
            Stage::Lingering => inward,
            Stage::Open | Stage::Ending | Stage::Answering => {
                // Best effort: the socket may be broken already.
                let _ = Pin::new(&mut self.stream).poll_shutdown(context);
                let answered = self.stage == Stage::Answering;
                self.stage = Stage::Lingering;
                if answered { Inward::Gone } else { Inward::More }
            }
        }
    }
}

/// 0 bytes for the end of the stream and for a broken one alike.
fn poll_read<S: AsyncRead + Unpin>(stream: &mut S, scratch: &mut [u8], context: &mut Context<'_>) -> Poll<usize> {
    let mut buffer = ReadBuf::new(scratch);
    let read = ready!(Pin::new(stream).poll_read(context, &mut buffer));
    Poll::Ready(read.map_or(0, |()| buffer.filled().len()))
}

impl<S: AsyncRead + AsyncWrite + Unpin, H: Handler, P: Unpin> Future for Connection<S, H, P> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if this.writer.collect(context.waker(), Alarm::Off) == Work::Shut {
            return Poll::Ready(());
        }
        loop {
            match this.poll_once(context) {
                Inward::More => {}
                Inward::Idle => return Poll::Pending,
                Inward::Gone => return Poll::Ready(()),
            }
        }
    }
}

impl<S, H: Handler, P> Drop for Connection<S, H, P> {
    fn drop(&mut self) {
        if let Some(peer) = self.peer.take() {
            self.writer.shut();
            self.handler.closed(peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;
    use tokio::sync::OwnedSemaphorePermit;

    use super::*;
    use crate::actors::permit::Permit;
    use crate::transport::Message;

    struct Nothing;

    impl Handler for Nothing {
        type Peer = [u64; 8];

        fn opened(&self, _: &Outbox, _: Option<String>) -> Result<[u64; 8], CloseCode> {
            Ok([0; 8])
        }

        fn message(&self, _: &mut [u64; 8], _: &Outbox, _: Permit, _: Message<'_>) -> Result<(), CloseCode> {
            Ok(())
        }

        fn closed(&self, _: [u64; 8]) {}
    }

    /// An idle connection is its future and its outbox, and nothing else of ours.
    #[test]
    fn a_connection_is_small() {
        let bytes = size_of::<Connection<TcpStream, Nothing, OwnedSemaphorePermit>>();
        assert!(bytes <= 512, "{bytes}");
    }
}
