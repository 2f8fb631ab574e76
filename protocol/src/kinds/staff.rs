//! Kinds 192–254: what the engine sends to staff alone.

use crate::frames;
use crate::ids::{TicketId, Time};
use crate::limits::{CATEGORY_BYTES_MAX, NAME_BYTES_MAX, SUBJECT_BYTES_MAX};
use crate::words::{Priority, QueueExit, Status};

frames! {
    /// What the engine sends to staff alone; a customer's connection cannot be handed one.
    pub enum StaffFrame {
        /// A ticket waits in a category of yours.
        192 QueueEntry {
            /// The ticket.
            ticket: TicketId;
            /// Its category's name.
            category: String [max CATEGORY_BYTES_MAX];
            /// How soon it should be served.
            priority: Priority;
            /// When it began to wait.
            since: Time;
            /// The customer's display name.
            name: String [max NAME_BYTES_MAX];
            /// What it is about.
            subject: String [max SUBJECT_BYTES_MAX];
        }
        /// A ticket waits no longer.
        193 QueueGone {
            /// The ticket.
            ticket: TicketId;
            /// Why.
            exit: QueueExit;
        }
        /// A ticket is yours: join it.
        194 Yours {
            /// The ticket.
            ticket: TicketId;
        }
        /// A ticket is no longer yours.
        195 NotYours {
            /// The ticket.
            ticket: TicketId;
        }
        /// How the desk sees you.
        196 YourState {
            /// Whether you get tickets.
            status: Status;
            /// How many you may have at once.
            slots: u16;
            /// How many you have.
            active: u16;
        }
    }
}
