//! The hot frames: written and read, binary and JSON; and a read buffer of a socket taken apart into frames.
//!
//! What goes to clients is written as the engine writes it, WebSocket header and the one allocation included; what
//! comes from them is written as a client does. Not measured: the socket.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deskwire::actors::encoded::{Form, PublicBytes};
use deskwire::transport::guard::{Event, Guard, Limits};
use deskwire_benches::desk;
use deskwire_loadtest::client::codec::{self, Outgoing};
use deskwire_protocol::kinds::{Acknowledged, Message, Page, Post, Typing, TypingNow};
use deskwire_protocol::{Batch, ClientFrame, PublicFrame, TicketId};
use std::hint::black_box;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TICKET: TicketId = TicketId(0x0102_0304_0506_0708);
/// Events of a full page.
const PAGE: u32 = 200;

fn post(number: u32) -> ClientFrame {
    Post { ticket: TICKET, number, text: desk::text(number) }.into()
}

fn message(seq: u32) -> PublicFrame {
    Message { ticket: TICKET, seq, at: desk::at(seq), author: 1, text: desk::text(seq) }.into()
}

fn page() -> PublicFrame {
    let mut events = Batch::default();
    (1..=PAGE).for_each(|seq| events.push(&message(seq)));
    Page { ticket: TICKET, head: PAGE, more: false, events }.into()
}

fn from_clients() -> [(&'static str, ClientFrame); 2] {
    [("post", post(7)), ("typing", Typing { ticket: TICKET }.into())]
}

fn to_clients() -> [(&'static str, PublicFrame); 4] {
    let acknowledged = Acknowledged { ticket: TICKET, number: 7, seq: 9, at: desk::at(9) };
    [
        ("message", message(9)),
        ("acknowledged", acknowledged.into()),
        ("typing_now", TypingNow { ticket: TICKET, author: 1 }.into()),
        ("page_200", page()),
    ]
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(50);
    for (name, frame) in from_clients() {
        group.throughput(Throughput::Bytes(frame.encode().len() as u64));
        group.bench_function(BenchmarkId::new(name, "binary"), |bench| bench.iter(|| black_box(&frame).encode()));
        group.throughput(Throughput::Bytes(frame.to_json().len() as u64));
        group.bench_function(BenchmarkId::new(name, "json"), |bench| bench.iter(|| black_box(&frame).to_json()));
    }
    for (name, frame) in to_clients() {
        for (form, word) in [(Form::Binary, "binary"), (Form::Json, "json")] {
            group.throughput(Throughput::Bytes(PublicBytes::new(&frame, form).len() as u64));
            group.bench_function(BenchmarkId::new(name, word), |bench| {
                bench.iter(|| PublicBytes::new(black_box(&frame), form));
            });
        }
    }
    group.finish();
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(50);
    for (name, frame) in from_clients() {
        let (bytes, text) = (frame.encode(), frame.to_json());
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::new(name, "binary"), |bench| {
            bench.iter(|| ClientFrame::decode(black_box(&bytes)).expect("it was just written"));
        });
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new(name, "json"), |bench| {
            bench.iter(|| ClientFrame::from_json(black_box(&text)).expect("it was just written"));
        });
    }
    for (name, frame) in to_clients() {
        let (bytes, text) = (frame.encode(), frame.to_json());
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::new(name, "binary"), |bench| {
            bench.iter(|| PublicFrame::decode(black_box(&bytes)).expect("it was just written"));
        });
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new(name, "json"), |bench| {
            bench.iter(|| PublicFrame::from_json(black_box(&text)).expect("it was just written"));
        });
    }
    group.finish();
}

/// What one read of a socket brings: so many masked posts.
fn read_buffer(posts: u32) -> Vec<u8> {
    let mut buffer = Vec::new();
    for number in 1..=posts {
        let mask = (0x9e37_79b9_u32.wrapping_mul(number)).to_le_bytes();
        codec::write(&mut buffer, Outgoing::Message, &post(number).encode(), Some(mask));
    }
    buffer
}

/// Unmasked where they stand, so each time needs a fresh buffer; made outside of what is timed.
fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read_buffer");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(50);
    for posts in [1, 10, 100] {
        let buffer = read_buffer(posts);
        group.throughput(Throughput::Elements(u64::from(posts)));
        group.bench_function(BenchmarkId::from_parameter(posts), |bench| {
            bench.iter_batched_ref(
                || buffer.clone(),
                |buffer| assert_eq!(take_apart(buffer), posts),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn take_apart(buffer: &mut [u8]) -> u32 {
    let (mut guard, mut at, mut posts) = (Guard::new(Limits::default()), 0, 0);
    while let Some(event) = guard.next(buffer, &mut at).expect("these are good frames") {
        match event {
            Event::Message(message) => {
                black_box(ClientFrame::decode(message.bytes()).expect("each is a post"));
                posts += 1;
            }
            Event::Ping(_) | Event::Pong | Event::Close(_) => unreachable!("there are only posts"),
        }
    }
    posts
}

criterion_group!(benches, encode, decode, read);
criterion_main!(benches);
