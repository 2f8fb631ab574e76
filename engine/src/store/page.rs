//! A page of events, as large as its limits allow.

/// How large a page may be; it always holds at least one event if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimits {
    /// Most events.
    pub events: usize,
    /// Most bytes of encoded events.
    pub bytes: usize,
}

impl PageLimits {
    /// All there is: where the range that is asked for is the bound.
    pub(super) const NONE: PageLimits = PageLimits { events: usize::MAX, bytes: usize::MAX };
    /// What a room reads at once when it starts.
    pub const REPLAY: PageLimits = PageLimits { events: 2_048, bytes: 1 << 20 };
}

/// An event with its sequence, encoded: kind byte and archive.
pub type Logged = (u32, Vec<u8>);

/// Events in the order in which they were asked for.
pub(super) struct Page {
    limits: PageLimits,
    pub(super) events: Vec<Logged>,
    bytes: usize,
    is_full: bool,
}

impl Page {
    pub(super) fn new(limits: PageLimits) -> Page {
        Page { limits, events: Vec::new(), bytes: 0, is_full: false }
    }

    /// A page of the first of these.
    pub(super) fn of<'e>(limits: PageLimits, events: impl Iterator<Item = (u32, &'e [u8])>) -> Page {
        let mut page = Page::new(limits);
        page.fill(events);
        page
    }

    /// Takes what there is room for; whether there is more.
    pub(super) fn fill<'e>(&mut self, events: impl Iterator<Item = (u32, &'e [u8])>) -> bool {
        for (seq, event) in events {
            if !self.has_room_for(event.len()) {
                self.is_full = true;
                break;
            }
            self.bytes += event.len();
            self.events.push((seq, event.to_vec()));
        }
        self.is_full
    }

    /// Whether an event found no room; whatever came after it would leave a hole.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    fn has_room_for(&self, bytes: usize) -> bool {
        let PageLimits { events, bytes: most } = self.limits;
        self.events.is_empty() || (self.events.len() < events && self.bytes + bytes <= most && !self.is_full)
    }
}
