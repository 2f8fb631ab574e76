//! The texts of posts: each says which post it is and when it was due, and can be judged by itself.
//!
//! `1f2e3d4c 2a.0.1b 3e8 lorem…`: the run, then chat, side and ordinal, then the scheduled time in microseconds since
//! the run began, all hexadecimal, then filling that follows from these.

use std::sync::LazyLock;

use crate::random::{Random, mix};

/// The shortest text that has room for its mark, in bytes.
pub const TEXT_BYTES_MIN: usize = 56;
/// The longest.
pub const TEXT_BYTES_MAX: usize = deskwire_protocol::limits::TEXT_BYTES_MAX;

/// How every text begins that is for staff alone.
pub const ASIDE: &str = "aside: ";

/// Which post a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The run, so that what an earlier one left behind is told apart.
    pub run: u32,
    /// The chat's index in the run.
    pub chat: u32,
    /// Who: 0 the customer, then each agent that had the chat.
    pub side: u8,
    /// His posts in this chat: 1, 2, 3 …
    pub ordinal: u32,
    /// When it was due, in microseconds since the run began.
    pub due_us: u64,
}

/// Letters to fill with; any stretch of it is a filling.
static FILLING: LazyLock<String> = LazyLock::new(|| {
    let mut random = Random::new(0x6465_736b);
    let letter = |number: u64| char::from(if number < 26 { b'a' + number as u8 } else { b' ' });
    (0..2 * TEXT_BYTES_MAX).map(|_| letter(random.below(31))).collect()
});

impl Mark {
    /// The text of this post, as long as asked for (and as its mark needs).
    pub fn text(&self, size: usize) -> String {
        let mut text =
            format!("{:08x} {:x}.{:x}.{:x} {:x} ", self.run, self.chat, self.side, self.ordinal, self.due_us);
        let missing = size.min(TEXT_BYTES_MAX).saturating_sub(text.len());
        text.push_str(self.filling(missing));
        text
    }

    /// Which post a text is; none where it is not one of ours, or was altered.
    pub fn of(text: &str) -> Option<Mark> {
        let mut parts = text.splitn(4, ' ');
        let run = u32::from_str_radix(parts.next()?, 16).ok()?;
        let mut place = parts.next()?.split('.');
        let chat = u32::from_str_radix(place.next()?, 16).ok()?;
        let side = u8::from_str_radix(place.next()?, 16).ok()?;
        let ordinal = u32::from_str_radix(place.next()?, 16).ok()?;
        let due_us = u64::from_str_radix(parts.next()?, 16).ok()?;
        let mark = Mark { run, chat, side, ordinal, due_us };
        let filling = parts.next()?;
        (filling.len() <= TEXT_BYTES_MAX && filling == mark.filling(filling.len())).then_some(mark)
    }

    fn filling(&self, length: usize) -> &'static str {
        let place = u64::from(self.chat) << 32 | u64::from(self.side) << 24 ^ u64::from(self.ordinal);
        let start = mix(place ^ self.due_us.rotate_left(17)) % TEXT_BYTES_MAX as u64;
        &FILLING[start as usize..start as usize + length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_which_post_it_is_and_an_altered_one_says_nothing() {
        let mark = Mark { run: 7, chat: u32::MAX, side: 1, ordinal: 99, due_us: 1 << 40 };
        for size in [0, TEXT_BYTES_MIN, 100, 16_000] {
            let text = mark.text(size);
            assert_eq!(Mark::of(&text), Some(mark));
            assert!(text.len() == size || (size == 0 && text.len() < TEXT_BYTES_MIN), "{}", text.len());
        }
        let text = mark.text(100);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
            assert_ne!(Mark::of(&String::from_utf8(bytes).unwrap()), Some(mark), "byte {at}");
        }
        assert_eq!(Mark::of("hello"), None);
    }
}
