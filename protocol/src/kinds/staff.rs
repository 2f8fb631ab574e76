//! Kinds 192–254: what the engine sends to staff alone.

use crate::frames;
use crate::ids::{TicketId, Time};
use crate::limits::{CATEGORY_BYTES_MAX, NAME_BYTES_MAX, SUBJECT_BYTES_MAX};
use crate::words::{OfferExit, Priority, QueueExit, Status};

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
        /// Will you have this ticket? Answer with `answer_offer` before it lapses.
        220 Offered {
            /// The ticket.
            ticket: TicketId;
            /// The offer's number, which the answer names.
            offer: u32;
            /// When it lapses.
            until: Time;
            /// The ticket's category.
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
        /// An offer stands no more.
        221 OfferGone {
            /// The ticket.
            ticket: TicketId;
            /// The offer's number.
            offer: u32;
            /// Why.
            exit: OfferExit;
        }
        /// Everybody at work who could take this ticket has declined it.
        222 AllDeclined {
            /// The ticket.
            ticket: TicketId;
            /// Its category.
            category: String [max CATEGORY_BYTES_MAX];
        }
        /// Your slots, live and asynchronous: what you may have at once and what you have. Follows `your_state`.
        223 YourSlots {
            /// Live chats at once.
            live: u16;
            /// Of these used: offered, yours, held and in wrap-up.
            live_used: u16;
            /// Asynchronous tickets at once.
            asynchronous: u16;
            /// Of these used.
            asynchronous_used: u16;
        }
    }
}
