//! Clients that are behind and in a hurry: they ask for page upon page at once, read slowly, and are never cut off.

use std::net::TcpStream;
use std::time::Duration;

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::{Batch, ServerFrame, StreamId, TicketId};
use socket2::{Domain, Socket, Type};

use crate::client::Client;
use crate::engine::Engine;

/// Posts of the ticket; five of them fill a page.
const POSTS: u32 = 10;
const POST_BYTES: usize = 12 * 1024;

/// A ticket with pages as large as they get; the token of its customer.
fn large_ticket(engine: &Engine, letter: &str) -> (TicketId, String) {
    let (mut writer, welcome) = Client::customer(engine, "Carl");
    let ticket = writer.start_chat("technical", 1).unwrap();
    writer.join(ticket, 11, 0).unwrap();
    for number in 1..=POSTS {
        writer.post(ticket, number, &letter.repeat(POST_BYTES));
        writer.acknowledged(ticket, number).unwrap();
    }
    (ticket, welcome.token)
}

/// A connection whose kernel takes little ahead of its reader.
fn narrow(engine: &Engine, protocol: &str) -> Client {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    socket.connect(&engine.address.into()).unwrap();
    Client::over(TcpStream::from(socket), engine.address, "/ws", protocol)
}

fn size(events: &Batch) -> usize {
    events.iter().map(|event| event.unwrap().len()).sum()
}

/// Reads so many pages, none in a hurry.
fn read_slowly(client: &mut Client, pages: usize) -> usize {
    let mut bytes = 0;
    for _ in 0..pages {
        std::thread::sleep(Duration::from_millis(5));
        bytes += client.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Page(page)) => Some(size(&page.events)),
            ServerFrame::Public(PublicFrame::History(history)) => Some(size(&history.events)),
            _ => None,
        });
    }
    bytes
}

/// C10, promise 3: never cut off for asking.
#[test]
fn who_asks_for_many_pages_at_once_is_never_cut_off() {
    const ASKS: usize = 64;
    let engine = Engine::start();
    let (ticket, token) = large_ticket(&engine, "x");
    let mut reader = narrow(&engine, "deskwire.v1");
    reader.greet(&token, "");
    for _ in 0..ASKS {
        reader.send(kinds::Join { ticket, stream: StreamId(12), after: 0 });
        reader.send(kinds::ReadBack { ticket, before: POSTS });
    }
    let bytes = read_slowly(&mut reader, 2 * ASKS);
    assert!(bytes > 5_000_000, "large pages: {bytes}");
    // What he says behind all that is heard, too.
    reader.join(ticket, 12, POSTS).unwrap();
    reader.post(ticket, 1, "here I am");
    reader.acknowledged(ticket, 1).unwrap();
    assert_eq!(engine.metric("deskwire_outbox_cuts_total{bound=\"bytes\"}"), 0.0);
}

/// C10, C20: the same as JSON, where one page can be longer than all that may wait.
#[test]
fn who_asks_for_many_pages_as_json_is_never_cut_off() {
    const ASKS: usize = 16;
    let engine = Engine::start();
    let (ticket, token) = large_ticket(&engine, "\u{1}");
    let mut reader = narrow(&engine, "deskwire.v1.json");
    let mut text = |text: String| reader.send_bytes(0x81, text.as_bytes());
    text(format!(r#"{{"kind":"hello","token":"{token}"}}"#));
    for _ in 0..ASKS {
        text(format!(r#"{{"kind":"join","ticket":"{ticket}","stream":"{}"}}"#, "0".repeat(31) + "9"));
    }
    read_slowly(&mut reader, ASKS);
    assert_eq!(engine.metric("deskwire_outbox_cuts_total{bound=\"bytes\"}"), 0.0);
}
