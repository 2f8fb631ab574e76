//! The words that labels are made of: the closed vocabularies of the engine, spelled as everywhere else.

use deskwire_protocol::wire::snake;
use deskwire_protocol::{CloseCode, Refusal, Role, Routing};

use super::make::Label;

macro_rules! label_words {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $wdoc:literal])+ $word:ident,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $wdoc])+ $word,)+ }

        impl Label for $name {
            const WORDS: &'static [$name] = &[$($name::$word),+];

            fn place(self) -> usize {
                self as usize
            }

            fn word(self) -> String {
                snake(match self { $($name::$word => stringify!($word),)+ })
            }
        }
    };
}

label_words! {
    /// The kinds of actors.
    ActorKind {
        /// Supervises the dispatcher, the rooms and the people.
        Root,
        /// Holds the matcher and the timers.
        Dispatcher,
        /// Supervises the rooms.
        Rooms,
        /// Holds one ticket.
        Room,
        /// Gives notice of what happened.
        Notifier,
        /// Supervises customers and agents.
        People,
        /// One customer who is there.
        Customer,
        /// One member of staff who is there.
        Agent,
    }
}

label_words! {
    /// The bound that a slow reader passed.
    CutReason {
        /// Too many frames waited for it.
        Frames,
        /// Too many bytes waited for it.
        Bytes,
        /// It had the fullest outbox when all of them together were too full.
        Engine,
    }
}

label_words! {
    /// What must never be.
    Invariant {
        /// A ticket with two owners.
        TwoOwners,
        /// An agent with more tickets than slots.
        OverCapacity,
        /// An append that was not the next of its ticket, or of another instance of its room.
        AppendOutOfTurn,
        /// A room was about to tell somebody an event that was not his next.
        Gap,
        /// The matcher's tables disagree with one another.
        MatcherTables,
    }
}

label_words! {
    /// How a sign-in ended.
    SignIn {
        /// With a token.
        Accepted,
        /// With the one answer for a wrong password and an unknown person.
        Refused,
        /// Not looked at: too many at once, or too many from one address.
        Limited,
    }
}

label_words! {
    /// Room on the disk.
    DiskState {
        /// Enough.
        Well,
        /// Below the first mark: no posts, new tickets or pairing.
        Low,
        /// Below the second mark: no commands at all.
        Lowest,
    }
}

macro_rules! protocol_label {
    ($($name:ident => |$label:ident| $word:expr;)+) => {
        $(impl Label for $name {
            const WORDS: &'static [$name] = $name::ALL;

            fn place(self) -> usize {
                Self::ALL.iter().position(|word| *word == self).expect("ALL has every word")
            }

            fn word(self) -> String {
                let $label = self;
                $word
            }
        })+
    };
}

protocol_label! {
    Refusal => |refusal| snake(refusal.name());
    CloseCode => |code| snake(code.name());
    Role => |role| snake(&format!("{role:?}"));
    Routing => |routing| snake(&format!("{routing:?}"));
}
