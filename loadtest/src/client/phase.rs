//! How a client stands to a ticket: away, asking for it, or hearing it.

/// How the client stands to the ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is no connection.
    Away,
    /// It will ask at this time.
    Asking {
        /// When.
        at: u64,
    },
    /// It has asked and waits for a page.
    Joining {
        /// Since when.
        since: u64,
    },
    /// It hears the ticket.
    Live,
    /// It was refused for good.
    Failed,
}
