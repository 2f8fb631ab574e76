//! Every kind comes back as it went, in both forms; hostile bytes are refused and never a panic.

mod common;

use common::{DIRECTIONS, Direction, FILLS, any_frame, sample};
use deskwire_protocol::kinds::{ClientFrame, ServerFrame};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

fn check(direction: &Direction, frame: &Value) {
    let bytes = (direction.to_bytes)(&frame.to_string()).expect("a frame of the table is taken");
    let json = (direction.to_json)(&bytes).expect("what was encoded decodes");
    assert_eq!(&serde_json::from_str::<Value>(&json).expect("it is JSON"), frame);
    assert_eq!((direction.to_bytes)(&json).as_deref(), Ok(bytes.as_slice()));
}

#[test]
fn every_kind_comes_back_as_it_went_in_both_forms() {
    for direction in &DIRECTIONS {
        for kind in direction.all_kinds() {
            FILLS.iter().for_each(|fill| check(direction, &sample(kind, *fill)));
            let outcome = TestRunner::new(Config::with_cases(64)).run(&any_frame(kind), |frame| {
                check(direction, &frame);
                Ok(())
            });
            outcome.unwrap_or_else(|fault| panic!("{}: {fault}", kind.shape.name));
        }
    }
}

/// The bytes of any sample of a direction.
fn any_sample(direction: &'static Direction) -> impl Strategy<Value = Vec<u8>> {
    let kinds: Vec<_> = direction.all_kinds().collect();
    (prop::sample::select(kinds), prop::sample::select(&FILLS))
        .prop_map(|(kind, fill)| (direction.to_bytes)(&sample(kind, fill).to_string()).expect("a sample is a frame"))
}

/// Neither form panics; what is taken is written again in bytes that are taken, and as JSON.
fn check_hostile(bytes: &[u8]) {
    if let Ok(frame) = ClientFrame::decode(bytes) {
        let again = frame.encode();
        assert_eq!(again.len(), bytes.len());
        assert_eq!(ClientFrame::decode(&again), Ok(frame.clone()));
        assert_eq!(ClientFrame::from_json(&frame.to_json()), Ok(frame));
    }
    if let Ok(frame) = ServerFrame::decode(bytes) {
        let again = frame.encode();
        assert_eq!(again.len(), bytes.len());
        assert_eq!(ServerFrame::decode(&again), Ok(frame.clone()));
        assert_eq!(ServerFrame::from_json(&frame.to_json()).map(|it| it.to_json()), Ok(frame.to_json()));
    }
    let _ = ClientFrame::from_json(&String::from_utf8_lossy(bytes));
}

proptest! {
    #![proptest_config(Config::with_cases(2_000))]

    #[test]
    fn random_bytes_never_panic(kind: u8, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check_hostile(&bytes);
        check_hostile(&[vec![kind], bytes].concat());
    }

    #[test]
    fn mutated_frames_never_panic(
        bytes in prop_oneof![any_sample(&DIRECTIONS[0]), any_sample(&DIRECTIONS[1])],
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = bytes;
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        check_hostile(&bytes);
    }

    #[test]
    fn mutated_json_never_panics(
        kind in prop::sample::select(ClientFrame::KINDS.iter().collect::<Vec<_>>()),
        at: Index,
        with in "[\\[\\]{}\",:0-9a-z\\\\]{0,3}",
    ) {
        let mut text: Vec<char> = sample(kind, common::Fill::Unicode).to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, with.chars());
        let _ = ClientFrame::from_json(&text.into_iter().collect::<String>());
    }
}
