//! The guard alone: any split of the bytes gives the same events, and no bytes make it hold more than its bounds.

use deskwire::transport::guard::{Event, Guard, Limits};
use deskwire_protocol::CloseCode;
use proptest::prelude::*;

use crate::client::frame;

const LIMITS: Limits = Limits { message_bytes_max: 300, fragments_max: 4 };

/// An event that owns what it says; an error is the last.
fn events(bytes: &[u8], cuts: &[usize]) -> Vec<String> {
    let mut guard = Guard::new(LIMITS);
    let mut found = Vec::new();
    let mut from = 0;
    for to in cuts.iter().copied().chain([bytes.len()]) {
        let to = to.clamp(from, bytes.len());
        let mut piece = bytes[from..to].to_vec();
        from = to;
        let mut at = 0;
        loop {
            match guard.next(&mut piece, &mut at) {
                Ok(Some(event)) => found.push(format!("{event:?}")),
                Ok(None) => break,
                Err(code) => {
                    found.push(format!("{code:?}"));
                    return found;
                }
            }
        }
        assert!(guard.held() <= 2 * (LIMITS.message_bytes_max + 125), "holds {}", guard.held());
    }
    found
}

fn frames() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        6 => prop::sample::select(vec![0x81_u8, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a]),
        1 => any::<u8>(),
    ];
    let one = (first, prop::collection::vec(any::<u8>(), 0..200)).prop_map(|(first, mut payload)| {
        if first & 0x0f == 1 {
            payload.iter_mut().for_each(|byte| *byte &= 0x7f);
        }
        frame(first, &payload)
    });
    prop::collection::vec(one, 0..8).prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_gives_the_same_events(bytes in frames(), mut cuts in prop::collection::vec(0..1_600_usize, 0..20)) {
        cuts.sort_unstable();
        prop_assert_eq!(events(&bytes, &cuts), events(&bytes, &[]));
    }

    #[test]
    fn one_byte_at_a_time_gives_the_same_events(bytes in frames()) {
        let cuts: Vec<usize> = (0..bytes.len()).collect();
        prop_assert_eq!(events(&bytes, &cuts), events(&bytes, &[]));
    }

    #[test]
    fn no_bytes_make_it_panic_or_grow(bytes in prop::collection::vec(any::<u8>(), 0..600), mut cuts in prop::collection::vec(0..600_usize, 0..9)) {
        cuts.sort_unstable();
        prop_assert_eq!(events(&bytes, &cuts), events(&bytes, &[]));
    }
}

#[test]
fn nothing_is_looked_at_after_a_close_frame() {
    let mut bytes = [frame(0x88, &1000_u16.to_be_bytes()), frame(0xff, b"rubbish")].concat();
    let mut guard = Guard::new(LIMITS);
    let mut at = 0;
    assert_eq!(guard.next(&mut bytes, &mut at), Ok(Some(Event::Close(Some(1000)))));
    assert_eq!(guard.next(&mut bytes, &mut at), Ok(None));
    assert_eq!(at, bytes.len());
}

/// The header alone is enough: nothing of the payload is awaited or kept.
#[test]
fn a_message_that_would_pass_the_bound_is_refused_by_its_header() {
    let mut header = frame(0x82, &[0; 301])[..8].to_vec();
    let mut guard = Guard::new(LIMITS);
    assert_eq!(guard.next(&mut header, &mut 0), Err(CloseCode::TooBig));
    assert_eq!(guard.held(), 0);
}
