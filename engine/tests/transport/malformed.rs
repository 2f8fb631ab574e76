//! What is not WebSocket, or too much of it, ends with a numbered close frame and disturbs nobody else.

use std::sync::atomic::Ordering::SeqCst;

use deskwire_protocol::limits::{FRAGMENTS_MAX, MESSAGE_BYTES_MAX};

use crate::client::{BINARY, CLOSE, Client, PING, TEXT, frame};
use crate::server::{Manner, start, until};

const PROTOCOL_ERROR: u16 = 1002;
const NOT_UTF8: u16 = 1007;
const TOO_BIG: u16 = 1009;

/// A frame with a header of our own making.
fn raw(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

fn fragments(count: usize) -> Vec<u8> {
    let mut bytes = frame(0x01, b"a");
    for _ in 1..count {
        bytes.extend(frame(0x00, b"a"));
    }
    bytes
}

fn rows() -> Vec<(&'static str, Vec<u8>, u16)> {
    vec![
        ("unmasked", raw(&[0x81, 1, b'a']), PROTOCOL_ERROR),
        ("first reserved bit", frame(0xc1, b"a"), PROTOCOL_ERROR),
        ("second reserved bit", frame(0xa1, b"a"), PROTOCOL_ERROR),
        ("third reserved bit", frame(0x91, b"a"), PROTOCOL_ERROR),
        ("reserved data opcode", frame(0x83, b"a"), PROTOCOL_ERROR),
        ("reserved control opcode", frame(0x8b, b"a"), PROTOCOL_ERROR),
        ("long ping", frame(0x89, &[0; 126]), PROTOCOL_ERROR),
        ("long pong", frame(0x8a, &[0; 126]), PROTOCOL_ERROR),
        ("long close", frame(0x88, &[0; 126]), PROTOCOL_ERROR),
        ("ping in fragments", frame(0x09, b"a"), PROTOCOL_ERROR),
        ("continuation of nothing", frame(0x80, b"a"), PROTOCOL_ERROR),
        ("new text inside a message", [frame(0x01, b"a"), frame(0x81, b"b")].concat(), PROTOCOL_ERROR),
        ("new binary inside a message", [frame(0x01, b"a"), frame(0x02, b"b")].concat(), PROTOCOL_ERROR),
        ("a length too wide for it", raw(&[0x82, 0xfe, 0, 5, 1, 2, 3, 4]), PROTOCOL_ERROR),
        ("a length far too wide for it", raw(&[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4]), PROTOCOL_ERROR),
        ("a negative length", raw(&[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), PROTOCOL_ERROR),
        ("close of one byte", frame(CLOSE, &[3]), PROTOCOL_ERROR),
        ("close with a code not to be sent", frame(CLOSE, &1006_u16.to_be_bytes()), PROTOCOL_ERROR),
        ("close words not UTF-8", frame(CLOSE, &[3, 232, 0xc3]), NOT_UTF8),
        ("text not UTF-8", frame(TEXT, &[0xff]), NOT_UTF8),
        ("text that ends in half a character", frame(TEXT, &[b'a', 0xc3]), NOT_UTF8),
        ("fragments that end in half a character", [frame(0x01, b"a"), frame(0x80, &[0xe2, 0x82])].concat(), NOT_UTF8),
        ("a surrogate", frame(TEXT, &[0xed, 0xa0, 0x80]), NOT_UTF8),
        ("a message too long", frame(BINARY, &vec![0; MESSAGE_BYTES_MAX + 1])[..14].to_vec(), TOO_BIG),
        ("16 EiB announced", raw(&[0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4]), TOO_BIG),
        ("too many fragments", fragments(FRAGMENTS_MAX + 1), TOO_BIG),
        (
            "fragments too long together",
            [frame(0x02, &vec![0; MESSAGE_BYTES_MAX]), frame(0x80, b"a")].concat(),
            TOO_BIG,
        ),
    ]
}

#[tokio::test]
async fn each_malformed_kind_has_its_close_code_and_disturbs_nobody() {
    let running = start(Manner::Echo);
    let mut bystander = Client::open(running.address()).await;
    for (what, bytes, code) in rows() {
        let mut client = Client::open(running.address()).await;
        client.write(&bytes).await;
        assert_eq!(client.closed().await, Some(code), "{what}");
        bystander.send(TEXT, what.as_bytes()).await;
        assert_eq!(bystander.next().await, Some((TEXT, what.as_bytes().to_vec())));
    }
    until("all but the bystander are gone", || running.connections.count() == 1).await;
    assert_eq!(running.bench.closed.load(SeqCst), rows().len());
    assert_eq!(running.connections.inward_bytes(), 0);
}

/// Bytes may come in any pieces: one by one they mean the same.
#[tokio::test]
async fn each_malformed_kind_is_the_same_byte_by_byte() {
    let running = start(Manner::Echo);
    for (what, bytes, code) in rows().into_iter().filter(|(_, bytes, _)| bytes.len() < 200) {
        let mut client = Client::open(running.address()).await;
        for byte in &bytes {
            client.write(&[*byte]).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(client.closed().await, Some(code), "{what}");
    }
}

#[tokio::test]
async fn messages_come_back_whole_however_they_are_sent() {
    let running = start(Manner::Echo);
    let mut client = Client::open(running.address()).await;
    client.send(0x01, "grü".as_bytes()).await;
    client.send(PING, b"between").await;
    client.send(0x00, &[]).await;
    client.send(0x80, "ße".as_bytes()).await;
    assert_eq!(client.next().await, Some((0x8a, b"between".to_vec())));
    assert_eq!(client.next().await, Some((TEXT, "grüße".as_bytes().to_vec())));
    let large = vec![7; MESSAGE_BYTES_MAX];
    client.send(BINARY, &large).await;
    assert_eq!(client.next().await, Some((BINARY, large)));
    until("nothing is held afterwards", || running.connections.inward_bytes() == 0).await;
}

/// Sent along with the request, before the answer.
#[tokio::test]
async fn what_was_sent_ahead_of_the_upgrade_is_not_lost() {
    let running = start(Manner::Echo);
    let mut client = Client::connect(running.address()).await;
    let mut bytes = crate::client::request("/ws", "").into_bytes();
    bytes.extend(frame(TEXT, b"early"));
    client.write(&bytes).await;
    assert!(client.head().await.starts_with("HTTP/1.1 101"));
    assert_eq!(client.next().await, Some((TEXT, b"early".to_vec())));
}

/// However many sockets begin messages that never end, each holds at most twice what it sent.
#[tokio::test]
async fn unfinished_messages_hold_no_more_than_was_sent() {
    let running = start(Manner::Echo);
    let mut clients = Vec::new();
    for _ in 0..50 {
        let mut client = Client::open(running.address()).await;
        // Announces the largest message and sends a little of it.
        client.write(&frame(BINARY, &vec![0; MESSAGE_BYTES_MAX])[..1_000]).await;
        clients.push(client);
    }
    until("all have begun", || running.connections.inward_bytes() >= 50 * 900).await;
    assert!(running.connections.inward_bytes() <= 50 * 2_048, "{}", running.connections.inward_bytes());
    drop(clients);
    until("all is given back", || running.connections.inward_bytes() == 0).await;
}
