//! One WebSocket frame's header (RFC 6455, 5.2), read as strictly as the RFC lets a server.

use deskwire_protocol::CloseCode;

/// The longest header of a client's frame: two bytes, eight of length, four of mask.
pub const HEADER_BYTES_MAX: usize = 14;
/// The longest payload of a control frame (RFC 6455, 5.5).
pub const CONTROL_BYTES_MAX: usize = 125;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of the message before.
    Continuation,
    /// The beginning of a text message.
    Text,
    /// The beginning of a binary message.
    Binary,
    /// The end of the connection.
    Close,
    /// Are you there?
    Ping,
    /// I am.
    Pong,
}

impl Opcode {
    /// Whether it is about the connection and not about a message.
    pub fn is_control(self) -> bool {
        match self {
            Opcode::Close | Opcode::Ping | Opcode::Pong => true,
            Opcode::Continuation | Opcode::Text | Opcode::Binary => false,
        }
    }
}

/// Whether more frames of the same message follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This is the last, perhaps the only one.
    Last,
    /// More follow.
    More,
}

/// A client's frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the frame carries.
    pub opcode: Opcode,
    /// Whether its message ends here.
    pub place: Place,
    /// The key over its payload.
    pub mask: [u8; 4],
    /// Bytes of payload.
    pub length: u64,
}

/// How many bytes the header has that begins so, once two bytes are known.
pub fn header_bytes(second: u8) -> usize {
    match second & 0x7f {
        126 => 8,
        127 => 14,
        _ => 6,
    }
}

/// Judges what the first two bytes already tell, so that nothing more is read of a frame that cannot be good.
pub fn judge(first: u8, second: u8) -> Result<(Opcode, Place), CloseCode> {
    let opcode = match first & 0x0f {
        0 => Opcode::Continuation,
        1 => Opcode::Text,
        2 => Opcode::Binary,
        8 => Opcode::Close,
        9 => Opcode::Ping,
        10 => Opcode::Pong,
        _reserved => return Err(CloseCode::ProtocolError),
    };
    let place = if first & 0x80 == 0 { Place::More } else { Place::Last };
    let reserved_bits = first & 0x70 != 0;
    let unmasked = second & 0x80 == 0;
    let long = usize::from(second & 0x7f) > CONTROL_BYTES_MAX;
    if reserved_bits || unmasked || (opcode.is_control() && (long || place == Place::More)) {
        return Err(CloseCode::ProtocolError);
    }
    Ok((opcode, place))
}

/// Reads a whole header: exactly [`header_bytes`] of them.
pub fn parse(bytes: &[u8]) -> Result<Header, CloseCode> {
    let (length, mask) = match *bytes {
        [_, short, a, b, c, d] => (u64::from(short & 0x7f), [a, b, c, d]),
        [_, _, h, l, a, b, c, d] => (at_least(126, u64::from(u16::from_be_bytes([h, l])))?, [a, b, c, d]),
        [_, _, s, t, u, v, w, x, y, z, a, b, c, d] => {
            (at_least(65_536, u64::from_be_bytes([s, t, u, v, w, x, y, z]))?, [a, b, c, d])
        }
        _ => return Err(CloseCode::ProtocolError),
    };
    let (opcode, place) = judge(bytes[0], bytes[1])?;
    Ok(Header { opcode, place, mask, length })
}

/// A length must be in its shortest form, and its top bit clear.
fn at_least(min: u64, length: u64) -> Result<u64, CloseCode> {
    if (min..1 << 63).contains(&length) { Ok(length) } else { Err(CloseCode::ProtocolError) }
}

/// Takes the mask off, eight bytes at a time; returns the mask turned so that it fits the byte after the last.
pub fn unmask(payload: &mut [u8], mask: [u8; 4]) -> [u8; 4] {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut words = payload.chunks_exact_mut(8);
    for word in &mut words {
        let bytes: &mut [u8; 8] = word.try_into().expect("a chunk of eight has eight bytes");
        *bytes = (u64::from_ne_bytes(*bytes) ^ wide).to_ne_bytes();
    }
    for (byte, key) in words.into_remainder().iter_mut().zip([a, b, c, d, a, b, c]) {
        *byte ^= key;
    }
    let mut turned = mask;
    turned.rotate_left(payload.len() % 4);
    turned
}

/// Reads a close frame's payload: its code, if there is one.
pub fn close_code(payload: &[u8]) -> Result<Option<u16>, CloseCode> {
    match payload {
        [] => Ok(None),
        [_] => Err(CloseCode::ProtocolError),
        [high, low, words @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            match code {
                1000..=1003 | 1007..=1014 | 3000..=4999 => {}
                _not_to_be_sent => return Err(CloseCode::ProtocolError),
            }
            std::str::from_utf8(words).map_err(|_| CloseCode::NotUtf8)?;
            Ok(Some(code))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_comes_off_in_any_pieces() {
        let plain: Vec<u8> = (0..100).collect();
        let mask = [0x12, 0x34, 0x56, 0x78];
        let masked: Vec<u8> = plain.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        for cut in 0..=100 {
            let mut bytes = masked.clone();
            let (left, right) = bytes.split_at_mut(cut);
            let turned = unmask(left, mask);
            unmask(right, turned);
            assert_eq!(bytes, plain, "cut at {cut}");
        }
    }

    #[test]
    fn only_codes_that_may_be_sent_are_taken() {
        for code in [1000, 1001, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999] {
            assert_eq!(close_code(&u16::to_be_bytes(code)), Ok(Some(code)));
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
            assert_eq!(close_code(&u16::to_be_bytes(code)), Err(CloseCode::ProtocolError), "{code}");
        }
        assert_eq!(close_code(&[3]), Err(CloseCode::ProtocolError));
        assert_eq!(close_code(&[3, 232, 0xff]), Err(CloseCode::NotUtf8));
    }

    #[test]
    fn a_length_must_be_in_its_shortest_form() {
        let parsed = |bytes: &[u8]| parse(bytes).map(|header| header.length);
        assert_eq!(parsed(&[0x82, 0xfe, 0, 126, 1, 2, 3, 4]), Ok(126));
        assert_eq!(parsed(&[0x82, 0xfe, 0, 125, 1, 2, 3, 4]), Err(CloseCode::ProtocolError));
        assert_eq!(parsed(&[0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]), Ok(65_536));
        assert_eq!(parsed(&[0x82, 0xff, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4]), Err(CloseCode::ProtocolError));
        assert_eq!(parsed(&[0x82, 0xff, 128, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]), Err(CloseCode::ProtocolError));
    }
}
