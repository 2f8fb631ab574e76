//! What is not exactly of the table is refused, in the binary form and in JSON alike.

mod common;

use common::{DIRECTIONS, Direction, FILLS, Fill, sample};
use deskwire_protocol::frame::Malformed;
use deskwire_protocol::kinds::{
    Acknowledged, ClientFrame, Message, Page, Post, PublicFrame, ServerFrame, SetStatus, StaffFrame, Typing, TypingNow,
    WatchQueue,
};
use deskwire_protocol::limits::{PAGE_EVENTS_MAX, TEXT_BYTES_MAX};
use deskwire_protocol::wire::{WireType, snake};
use deskwire_protocol::{Batch, Status, TicketId, Time};
use serde_json::{Value, json};

/// Bytes of a WebSocket header from the engine (unmasked) in front of a payload.
fn header_bytes(payload: usize) -> usize {
    if payload < 126 { 2 } else { 4 }
}

fn on_the_wire(frame: impl Into<PublicFrame>) -> usize {
    let payload = frame.into().encode().len();
    header_bytes(payload) + payload
}

fn message(text: &str) -> Message {
    Message { ticket: TicketId(u64::MAX), seq: u32::MAX, at: Time::from_ms(u64::MAX), author: 300, text: text.into() }
}

#[test]
fn the_frames_of_a_chat_are_as_small_as_promised() {
    let message = on_the_wire(message(&"x".repeat(100)));
    assert!(message <= 140, "a message with 100 bytes of text takes {message}");
    let acknowledged = on_the_wire(Acknowledged {
        ticket: TicketId(u64::MAX),
        number: u32::MAX,
        seq: u32::MAX,
        at: Time::from_ms(u64::MAX),
    });
    assert!(acknowledged <= 32, "an acknowledgement takes {acknowledged}");
    let typing = on_the_wire(TypingNow { ticket: TicketId(u64::MAX), author: 300 });
    assert!(typing <= 24, "typing takes {typing}");
    // From a client four bytes of mask come on top.
    let typing = 2 + 4 + ClientFrame::from(Typing { ticket: TicketId(u64::MAX) }).encode().len();
    assert!(typing <= 24, "a client's typing takes {typing}");
}

/// Refused, or a frame whose own bytes are exactly as many: the message's length is the WebSocket's to keep.
fn refused_or_whole(direction: &Direction, bytes: &[u8]) -> bool {
    (direction.to_json)(bytes)
        .is_ok_and(|json| (direction.to_bytes)(&json).expect("it is a frame").len() == bytes.len())
        || (direction.to_json)(bytes).is_err()
}

#[test]
fn nothing_may_stand_in_front_of_a_frame_and_no_part_of_one_is_taken_for_more_than_it_is() {
    for direction in &DIRECTIONS {
        for (kind, fill) in direction.all_kinds().flat_map(|kind| FILLS.map(|fill| (kind, fill))) {
            let whole = (direction.to_bytes)(&sample(kind, fill).to_string()).expect("a sample is a frame");
            let (head, archive) = whole.split_at(1);
            for at in 0..archive.len() {
                assert!(refused_or_whole(direction, &whole[..at]), "{} cut at {at}", kind.shape.name);
                let back = [head, &archive[at..]].concat();
                assert!(refused_or_whole(direction, &back), "{} without its first {at}", kind.shape.name);
            }
            assert!((direction.to_json)(&[head, b"x", archive].concat()).is_err(), "{}", kind.shape.name);
            assert!((direction.to_json)(&[&whole, &b"x"[..]].concat()).is_err(), "{}", kind.shape.name);
        }
    }
}

#[test]
fn a_field_at_its_bound_is_taken_and_one_beyond_it_is_refused() {
    for direction in &DIRECTIONS {
        for kind in direction.all_kinds() {
            for field in kind.shape.fields {
                let Some(max) = field.max else { continue };
                let Some(of_size) = sized(field.wire) else { continue };
                let mut frame = sample(kind, Fill::Empty);
                frame[field.name] = of_size(max);
                assert!((direction.to_bytes)(&frame.to_string()).is_ok(), "{} {}", kind.shape.name, field.name);
                frame[field.name] = of_size(max + 1);
                let refused = (direction.to_bytes)(&frame.to_string());
                assert_eq!(refused, Err(Malformed::TooLong { field: field.name, size: max + 1, max }));
            }
        }
    }
    let long = ClientFrame::from(Post { ticket: TicketId(1), number: 1, text: "x".repeat(TEXT_BYTES_MAX + 1) });
    assert!(matches!(ClientFrame::decode(&long.encode()), Err(Malformed::TooLong { field: "text", .. })));
}

/// Makes a text or a list of a size; the bound of a batch has a test of its own.
fn sized(wire: WireType) -> Option<Box<dyn Fn(usize) -> Value>> {
    if wire == WireType::Text {
        return Some(Box::new(|size| json!("x".repeat(size))));
    }
    let WireType::List(shape) = wire else { return None };
    let item: Value = shape.fields.iter().map(|field| (field.name, least(field.wire))).collect();
    Some(Box::new(move |size| json!(vec![item.clone(); size])))
}

fn least(wire: WireType) -> Value {
    match wire {
        WireType::Word(words) => json!(snake(words.words[0].1)),
        WireType::Id64 => json!("0000000000000000"),
        WireType::U8 | WireType::U16 | WireType::U32 | WireType::Time => json!(0),
        WireType::Bool => json!(false),
        WireType::Id128 | WireType::Text | WireType::Batch | WireType::StaffBatch | WireType::List(_) => json!(""),
    }
}

#[test]
fn a_member_s_name_in_a_list_has_its_bound_too() {
    let (joined, member) = (&PublicFrame::KINDS[6], |name: String| json!([{"name": name, "role": "agent"}]));
    let mut frame = sample(joined, Fill::Empty);
    frame["members"] = member("x".repeat(80));
    assert!(ServerFrame::from_json(&frame.to_string()).is_ok());
    frame["members"] = member("x".repeat(81));
    assert_eq!(
        ServerFrame::from_json(&frame.to_string()),
        Err(Malformed::TooLong { field: "name", size: 81, max: 80 })
    );
}

fn page(frames: &[PublicFrame]) -> PublicFrame {
    let mut events = Batch::default();
    frames.iter().for_each(|frame| events.push(frame));
    Page { ticket: TicketId(1), head: 1, more: false, events }.into()
}

#[test]
fn a_page_holds_events_and_nothing_else() {
    let event = PublicFrame::from(message("Hello"));
    let whole = page(&[event.clone(), event.clone()]);
    assert_eq!(PublicFrame::decode(&whole.encode()), Ok(whole.clone()));
    let typing = PublicFrame::from(TypingNow { ticket: TicketId(1), author: 0 });
    for (kind, inner) in [(71, whole.clone()), (76, typing)] {
        assert_eq!(PublicFrame::decode(&page(std::slice::from_ref(&inner)).encode()), Err(Malformed::Kind(kind)));
        let mut json: Value = serde_json::from_str(&whole.to_json()).expect("it is JSON");
        json["events"][0] = serde_json::from_str(&inner.to_json()).expect("it is JSON");
        assert!(PublicFrame::from_json(&json.to_string()).is_err());
    }
    let most = vec![event.clone(); PAGE_EVENTS_MAX];
    assert!(PublicFrame::decode(&page(&most).encode()).is_ok());
    let too_many = vec![event; PAGE_EVENTS_MAX + 1];
    assert!(PublicFrame::decode(&page(&too_many).encode()).is_err());
}

/// C13: what is for staff alone has no place in a page that a customer may get, in either form.
#[test]
fn a_page_for_everybody_holds_nothing_for_staff() {
    for kind in StaffFrame::KINDS {
        let frame = sample(kind, Fill::Empty);
        let bytes = ServerFrame::from_json(&frame.to_string()).expect("a sample is a frame").encode();
        let length = u32::try_from(bytes.len()).expect("it is short").to_le_bytes();
        let archive = rkyv_page(&[&length[..], &bytes].concat());
        assert_eq!(PublicFrame::decode(&archive), Err(Malformed::Kind(kind.number)));
        let mut json: Value = serde_json::from_str(&page(&[]).to_json()).expect("it is JSON");
        json["events"] = json!([frame]);
        assert!(PublicFrame::from_json(&json.to_string()).is_err());
        json["kind"] = json!("staff_page");
        assert_eq!(ServerFrame::from_json(&json.to_string()).is_ok(), kind.event, "{}", kind.shape.name);
    }
}

/// A page's bytes by hand: the batch stands in front of the root, which ends with its offset and length.
fn rkyv_page(batch: &[u8]) -> Vec<u8> {
    let empty = page(&[]).encode();
    let root = &empty[1..empty.len() - 8];
    let offset = -(i32::try_from(root.len() + batch.len()).expect("it is short"));
    let length = u32::try_from(batch.len()).expect("it is short");
    [&empty[..1], batch, root, &offset.to_le_bytes(), &length.to_le_bytes()].concat()
}

#[test]
fn a_page_within_pages_to_any_depth_is_refused_without_harm() {
    let mut nested = page(&[]);
    for _ in 0..2_000 {
        nested = page(&[nested]);
    }
    assert!(PublicFrame::decode(&nested.encode()).is_err());
    let (head, tail) = (r#"{"kind":"page","ticket":"0000000000000001","head":1,"more":false,"events":["#, "]}");
    assert!(PublicFrame::from_json(&(head.repeat(10_000) + &tail.repeat(10_000))).is_err());
}

#[test]
fn words_and_flags_beyond_their_values_are_refused() {
    let away = ClientFrame::from(SetStatus { request: 1, status: Status::Away }).encode();
    let last = away.len() - 1;
    for byte in 0..=255 {
        let changed = [&away[..last], &[byte]].concat();
        assert_eq!(ClientFrame::decode(&changed).is_ok(), usize::from(byte) < Status::ALL.len());
    }
    let watch = ClientFrame::from(WatchQueue { request: 1, on: true }).encode();
    assert!(ClientFrame::decode(&[&watch[..watch.len() - 1], &[2]].concat()).is_err());
}

#[test]
fn json_that_is_not_exactly_of_the_table_is_refused() {
    let refused = |text: &str| ClientFrame::from_json(text).expect_err(text);
    refused("");
    refused("[]");
    refused(r#"{"ticket":"00000000000000ff"}"#);
    refused(r#"{"kind":"typing"}"#);
    refused(r#"{"kind":"Typing","ticket":"00000000000000ff"}"#);
    refused(r#"{"kind":"typing","ticket":"00000000000000FF"}"#);
    refused(r#"{"kind":"typing","ticket":"ff"}"#);
    refused(r#"{"kind":"typing","ticket":255}"#);
    refused(r#"{"kind":"typing","ticket":"00000000000000ff","extra":1}"#);
    refused(r#"{"kind":"typing","ticket":"00000000000000ff","ticket":"00000000000000ff"}"#);
    refused(r#"{"kind":"typing","ticket":"00000000000000ff"} more"#);
    refused(r#"{"kind":"ping","nonce":1.5}"#);
    refused(r#"{"kind":"ping","nonce":-1}"#);
    refused(r#"{"kind":"ping","nonce":4294967296}"#);
    refused(r#"{"kind":"welcome"}"#);
    assert!(ClientFrame::from_json(r#"{"kind":"hello"}"#).is_ok(), "what is optional may be left out");
    let late = r#"{"kind":"acknowledged","ticket":"00000000000000ff","number":1,"seq":1,"at":281474976710656}"#;
    assert!(ServerFrame::from_json(late).is_err(), "a time passes 48 bits");
}

#[test]
fn the_numbers_of_the_table_are_unique_and_in_their_ranges() {
    let ranges = [(1..=63, ClientFrame::KINDS), (64..=191, PublicFrame::KINDS)];
    for (range, kinds) in ranges.into_iter().chain([(192..=254, deskwire_protocol::StaffFrame::KINDS)]) {
        assert!(kinds.iter().all(|kind| range.contains(&kind.number)));
        assert!(kinds.windows(2).all(|pair| pair[0].number < pair[1].number));
    }
}
