//! What people did beside posting, and what became of it: counts by name.

macro_rules! acts {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// Counts over the whole run.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Acts { $($(#[doc = $doc])+ pub $name: u64,)+ }

        impl Acts {
            /// All names.
            pub const NAMES: &'static [&'static str] = &[$($word),+];

            /// Adds another count.
            pub fn add(&mut self, other: &Acts) {
                $(self.$name += other.$name;)+
            }

            /// Those that are above 0, by name.
            pub fn counts(&self) -> Vec<(String, u64)> {
                let all = [$(($word, self.$name)),+];
                all.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_owned(), count)).collect()
            }
        }
    };
}

acts! {
    /// Posts refused for now, and sent again.
    put_off = "posts put off",
    /// Of these, because the disk is behind.
    busy = "posts refused busy",
    /// Posts that were due while their sender had a window full underway: they were not said.
    held = "held back",
    /// Posts that were never sent and were given up.
    given_up = "given up",
    /// Connections dropped at one moment, or lost with the server.
    struck = "struck",
    /// Of these, who was not back in time.
    not_back = "not back",
    /// Chats that waited for an agent at the end, and not as long as the longest wait that had an end: no percentile
    /// counts them.
    waiting = "waiting at the end",
    /// Times that somebody was offline for a while.
    offline = "times offline",
    /// Times that somebody stopped reading, or read a few bytes at a time.
    stalls = "stalls",
    /// Connections that the server ended because their client read too slowly.
    cut_slow = "cut off as slow",
    /// The same as the server counts it, where it can be asked.
    cut_counted = "cut off as slow, by the server's count",
    /// Typing frames.
    typed = "typing",
    /// Read marks.
    marks = "read marks",
    /// Notes and whispers said.
    notes = "notes",
    /// Of these, acknowledged.
    notes_kept = "notes acknowledged",
    /// Of these, refused for good, mostly because the ticket had gone.
    notes_refused = "notes refused",
    /// Whispers among them.
    whispers = "whispers",
    /// Notes and whispers that other staff saw.
    notes_seen = "notes seen by staff",
    /// Tickets given to a colleague, as asked for.
    transfers = "transfers",
    /// Tickets given to another category, as asked for.
    moves = "moves to a category",
    /// Tickets put back to the queue.
    requeues = "requeues",
    /// Tickets put on hold.
    holds = "holds",
    /// Tickets resumed.
    resumes = "resumes",
    /// Customers who asked for their ticket again.
    reopenings = "reopenings asked",
    /// Tickets that were open again.
    reopened = "reopened",
    /// Customers whose page was loaded anew.
    reloads = "reloads of customers",
    /// Times that the category of a ticket changed before its customer.
    categories_changed = "categories changed",
    /// Agents a ticket had after its first.
    passed_on = "agents after the first",
}
