//! The client side of Socket.IO 5 over Engine.IO 4, on WebSocket alone, as much of it as a load needs.

use deskwire_loadtest::client::codec::{self, Outgoing};
use serde_json::json;

/// A final text frame; the load client's own frames are binary.
const TEXT: u8 = 0x81;

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// The transport is open.
    Open,
    /// To be answered with a pong.
    Ping,
    /// We are let in.
    Connected,
    /// The question with this number was answered.
    Acknowledged(u64),
    /// Somebody said this.
    Message(String),
    /// It said no.
    Refused(String),
}

/// Reads a packet; nothing for what a load does not know.
pub fn read(text: &str) -> Option<Packet> {
    let (kind, rest) = text.split_at_checked(1)?;
    match kind {
        "0" => return Some(Packet::Open),
        "2" => return Some(Packet::Ping),
        "4" => {}
        _ => return None,
    }
    let (kind, rest) = rest.split_at_checked(1)?;
    match kind {
        "0" => Some(Packet::Connected),
        "2" => message(rest),
        "3" => Some(Packet::Acknowledged(rest[..rest.find('[')?].parse().ok()?)),
        "4" => Some(Packet::Refused(rest.to_owned())),
        _ => None,
    }
}

fn message(arguments: &str) -> Option<Packet> {
    let (name, text): (String, String) = serde_json::from_str(arguments).ok()?;
    (name == "message").then_some(Packet::Message(text))
}

/// Let us in.
pub fn connect(out: &mut Vec<u8>, mask: [u8; 4]) {
    write(out, "40", mask);
}

/// The answer to a ping.
pub fn pong(out: &mut Vec<u8>, mask: [u8; 4]) {
    write(out, "3", mask);
}

/// Ask to be in these rooms, with an acknowledgement.
pub fn enter(out: &mut Vec<u8>, number: u64, rooms: &[String], mask: [u8; 4]) {
    write(out, &format!("42{number}{}", json!(["enter", rooms])), mask);
}

/// Say something in a room, with an acknowledgement.
pub fn post(out: &mut Vec<u8>, number: u64, room: &str, text: &str, mask: [u8; 4]) {
    write(out, &format!("42{number}{}", json!(["post", room, text])), mask);
}

/// A masked text frame.
pub fn write(out: &mut Vec<u8>, packet: &str, mask: [u8; 4]) {
    let start = out.len();
    codec::write(out, Outgoing::Message, packet.as_bytes(), Some(mask));
    out[start] = TEXT;
}

#[cfg(test)]
mod tests {
    use deskwire_loadtest::client::codec::{Frames, Incoming};

    use super::*;

    #[test]
    fn packets_are_read_and_others_passed_over() {
        let rows = [
            ("0{\"sid\":\"a\",\"pingInterval\":25000}", Some(Packet::Open)),
            ("2", Some(Packet::Ping)),
            ("40{\"sid\":\"b\"}", Some(Packet::Connected)),
            ("4312[]", Some(Packet::Acknowledged(12))),
            ("42[\"message\",\"a \\\"b\\\"\"]", Some(Packet::Message("a \"b\"".into()))),
            ("42[\"other\",\"x\"]", None),
            ("44{\"message\":\"no\"}", Some(Packet::Refused("{\"message\":\"no\"}".into()))),
            ("6", None),
            ("43x[]", None),
            ("4", None),
            ("", None),
            ("ä", None),
        ];
        rows.into_iter().for_each(|(text, packet)| assert_eq!(read(text), packet, "{text}"));
    }

    #[test]
    fn what_is_said_is_a_masked_text_frame() {
        let mut out = Vec::new();
        post(&mut out, 7, "r1", "hello", [1, 2, 3, 4]);
        assert_eq!((out[0], out[1] & 0x80), (0x81, 0x80));
        let mut said = Vec::new();
        let take = |incoming: Incoming<'_>| {
            if let Incoming::Message(bytes) = incoming {
                said.push(String::from_utf8(bytes.to_vec()).unwrap());
            }
        };
        Frames::default().feed(&out, take).unwrap();
        assert_eq!(said, ["427[\"post\",\"r1\",\"hello\"]"]);
    }
}
