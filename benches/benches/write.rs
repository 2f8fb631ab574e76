//! What waits for a connection, written to a real loopback socket: 1, 10 and 100 messages of 100 bytes at a time, from
//! the outbox to the other end's receive buffer. The figure is for each message.
//!
//! The kernel delivers on the sender's time here, so that its share is in it. Not measured: the waking of the
//! connection's task, and the reader, who reads outside of what is timed.

use std::net::{TcpListener, TcpStream};
use std::task::{Context, Waker};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deskwire::actors::connections::{Bounds, Connections};
use deskwire::actors::encoded::{Form, PublicBytes};
use deskwire::actors::outbox::Outbox;
use deskwire::actors::writer::Writer;
use deskwire::transport::flush::{Outward, poll_flush};
use deskwire_benches::desk;
use deskwire_loadtest::clock;
use deskwire_protocol::kinds::Message;
use deskwire_protocol::{PublicFrame, TicketId};
use std::io::Read;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Messages between two readings of the other end, far below what a socket buffers.
const MESSAGES: u64 = 200;

struct Line {
    outbox: Outbox,
    writer: Writer,
    stream: tokio::net::TcpStream,
    other: TcpStream,
    frame: PublicBytes,
    scratch: Vec<u8>,
}

impl Line {
    fn new() -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let stream = TcpStream::connect(listener.local_addr().expect("it listens")).expect("it is there");
        let (other, _) = listener.accept().expect("somebody came");
        stream.set_nonblocking(true).expect("a socket can");
        stream.set_nodelay(true).expect("a socket can");
        other.set_nonblocking(true).expect("a socket can");
        let stream = tokio::net::TcpStream::from_std(stream).expect("a runtime is here");
        let (outbox, writer) = Connections::new(Bounds::default()).open(Form::Binary);
        let message = Message { ticket: TicketId(1), seq: 9, at: desk::at(9), author: 1, text: desk::text(9) };
        let frame = PublicBytes::new(&PublicFrame::from(message), Form::Binary);
        Line { outbox, writer, stream, other, frame, scratch: vec![0; 64 * 1024] }
    }

    /// So many messages at once.
    fn write(&mut self, messages: u64) {
        (0..messages).for_each(|_| self.outbox.push(self.frame.clone()));
        let outward = poll_flush(&mut self.writer, &mut self.stream, &mut Context::from_waker(Waker::noop()));
        assert_eq!(outward, Outward::Idle);
    }

    /// Reads what was written; answers how many bytes that were.
    fn read(&mut self) -> usize {
        let mut bytes = 0;
        while let Ok(read) = self.other.read(&mut self.scratch) {
            bytes += read;
        }
        bytes
    }

    fn writes(&mut self, messages: u64, mut left: u64) -> Duration {
        let mut took = Duration::ZERO;
        while left > 0 {
            let now = left.min(MESSAGES.div_ceil(messages));
            left -= now;
            let begun = clock::now();
            (0..now).for_each(|_| self.write(messages));
            took += begun.elapsed();
            assert_eq!(self.read(), (now * messages) as usize * self.frame.len());
        }
        took
    }
}

fn write(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    let _here = runtime.enter();
    let mut line = Line::new();
    // The socket tells the runtime once that it can be written to.
    runtime.block_on(async { line.stream.writable().await.expect("it is open") });
    let mut group = criterion.benchmark_group("write");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(50);
    for messages in [1, 10, 100] {
        group.throughput(Throughput::Elements(messages));
        group.bench_function(BenchmarkId::from_parameter(messages), |bench| {
            bench.iter_custom(|writes| line.writes(messages, writes));
        });
    }
    group.finish();
}

criterion_group!(benches, write);
criterion_main!(benches);
