//! What a stranger sends: any bytes are a frame that comes back alike, or refused, and never a panic.
#![no_main]

use deskwire_protocol::{ClientFrame, ServerFrame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = ClientFrame::decode(bytes) {
        let again = frame.encode();
        assert_eq!(again.len(), bytes.len());
        assert_eq!(ClientFrame::decode(&again).as_ref(), Ok(&frame));
        assert_eq!(ClientFrame::from_json(&frame.to_json()), Ok(frame));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(frame) = ClientFrame::from_json(text)
    {
        assert_eq!(ClientFrame::decode(&frame.encode()), Ok(frame));
    }
    // Clients read what an engine sends with the same care.
    if let Ok(frame) = ServerFrame::decode(bytes) {
        assert_eq!(ServerFrame::decode(&frame.encode()).as_ref(), Ok(&frame));
        let _ = frame.to_json();
    }
});
