//! Everything that waits, in as few writes as the kernel lets us.

use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

use crate::actors::writer::{Alarm, Work, Writer};

/// Frames in one vectored write.
const SLICES_MAX: usize = 64;

/// How far the writing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outward {
    /// Nothing waits; the next push wakes us.
    Idle,
    /// The socket takes no more now; it wakes us when it does.
    Blocked,
    /// The close frame was written.
    Ended,
    /// The socket is broken, or must go.
    Gone,
}

/// Writes what waits.
pub fn poll_flush<W: AsyncWrite + Unpin>(writer: &mut Writer, stream: &mut W, context: &mut Context<'_>) -> Outward {
    loop {
        if writer.is_written() {
            match writer.collect(context.waker(), Alarm::On) {
                Work::Some => {}
                Work::None => return Outward::Idle,
                Work::Ended => return Outward::Ended,
                Work::Shut => return Outward::Gone,
            }
        }
        match poll_write(writer, stream, context) {
            Poll::Ready(0) => return Outward::Gone,
            Poll::Ready(bytes) => writer.advance(bytes),
            Poll::Pending => {
                // What was written so far must not count against the client.
                writer.collect(context.waker(), Alarm::Off);
                return Outward::Blocked;
            }
        }
    }
}

/// One write; 0 bytes for a broken socket.
fn poll_write<W: AsyncWrite + Unpin>(writer: &Writer, stream: &mut W, context: &mut Context<'_>) -> Poll<usize> {
    let mut slices = [IoSlice::new(&[]); SLICES_MAX];
    let count = writer.slices(&mut slices);
    Pin::new(stream).poll_write_vectored(context, &slices[..count]).map(|written| written.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::task::Waker;

    use deskwire_protocol::kinds::Pong;
    use deskwire_protocol::{CloseCode, PublicFrame};

    use super::*;
    use crate::actors::connections::{Bounds, Connections};
    use crate::actors::encoded::Form;
    use crate::actors::outbox::Outbox;

    /// Counts writes and takes so many bytes, then none.
    struct Counting {
        writes: usize,
        bytes: Vec<u8>,
        room: usize,
    }

    impl AsyncWrite for Counting {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(self.room);
            if taken == 0 {
                return Poll::Pending;
            }
            self.writes += 1;
            self.room -= taken;
            self.bytes.extend_from_slice(&bytes[..taken]);
            Poll::Ready(Ok(taken))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let all: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            self.as_mut().poll_write(context, &all)
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn pair(bounds: Bounds) -> (Outbox, Writer) {
        Connections::new(bounds).open(Form::Binary)
    }

    fn stream(room: usize) -> Counting {
        Counting { writes: 0, bytes: Vec::new(), room }
    }

    fn push(outbox: &Outbox, count: u32) {
        for nonce in 0..count {
            outbox.send(&PublicFrame::from(Pong { nonce }));
        }
    }

    fn flush(writer: &mut Writer, stream: &mut Counting) -> Outward {
        poll_flush(writer, stream, &mut Context::from_waker(Waker::noop()))
    }

    const FRAME_BYTES: usize = 7;

    #[test]
    fn all_that_waits_goes_out_in_one_write() {
        let (outbox, mut writer) = pair(Bounds::default());
        let mut stream = stream(usize::MAX);
        push(&outbox, 60);
        assert_eq!(flush(&mut writer, &mut stream), Outward::Idle);
        assert_eq!((stream.writes, stream.bytes.len()), (1, 60 * FRAME_BYTES));
        assert_eq!((outbox.waiting_frames(), outbox.connections().outward_bytes()), (0, 0));
    }

    #[test]
    fn a_write_of_any_length_goes_on_where_it_stopped() {
        let (outbox, mut writer) = pair(Bounds::default());
        let mut whole = stream(usize::MAX);
        push(&outbox, 10);
        flush(&mut writer, &mut whole);
        let mut pieces = stream(0);
        push(&outbox, 10);
        while pieces.bytes.len() < whole.bytes.len() {
            pieces.room = 5;
            flush(&mut writer, &mut pieces);
        }
        assert_eq!(pieces.bytes, whole.bytes);
        assert_eq!(outbox.waiting_bytes(), 0);
    }

    /// What is being written counts: a reader that stopped is cut at the bound, not at twice the bound.
    #[test]
    fn what_is_taken_but_not_written_still_counts() {
        let (outbox, mut writer) = pair(Bounds { outbox_frames_max: 8, ..Bounds::default() });
        let mut stream = stream(3);
        push(&outbox, 8);
        assert_eq!(flush(&mut writer, &mut stream), Outward::Blocked);
        assert_eq!(outbox.waiting_frames(), 8);
        assert!(outbox.is_open());
        push(&outbox, 1);
        assert!(!outbox.is_open());
        assert_eq!(outbox.connections().outward_bytes(), 0);
    }

    #[test]
    fn a_cut_ends_on_the_border_of_a_frame_with_the_close_frame_last() {
        let (outbox, mut writer) = pair(Bounds { outbox_frames_max: 8, ..Bounds::default() });
        let mut stream = stream(FRAME_BYTES + 3);
        push(&outbox, 8);
        flush(&mut writer, &mut stream);
        push(&outbox, 2);
        stream.room = usize::MAX;
        writer.collect(Waker::noop(), Alarm::Off);
        assert_eq!(flush(&mut writer, &mut stream), Outward::Ended);
        let close = &stream.bytes[2 * FRAME_BYTES..];
        assert_eq!(close[0], 0x88);
        assert_eq!(&close[2..4], CloseCode::Slow.number().to_be_bytes());
    }

    #[test]
    fn a_close_comes_after_what_waits() {
        let (outbox, mut writer) = pair(Bounds::default());
        let mut stream = stream(usize::MAX);
        push(&outbox, 2);
        outbox.close(CloseCode::GoingAway);
        push(&outbox, 2);
        assert_eq!(flush(&mut writer, &mut stream), Outward::Ended);
        assert_eq!(stream.bytes[2 * FRAME_BYTES], 0x88);
    }
}
