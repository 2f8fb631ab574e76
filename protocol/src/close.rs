//! Numbered ends of a connection: below 4100 come back and resume, from 4100 on do not come back unchanged.

macro_rules! closes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $words:literal;)+) => {
        /// Why a connection ended; the words travel in the close frame.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum CloseCode { $($(#[doc = $doc])+ $name = $number,)+ }

        impl CloseCode {
            /// Every close code, in the order of the numbers.
            pub const ALL: &'static [CloseCode] = &[$(CloseCode::$name),+];

            /// The number on the wire.
            pub fn number(self) -> u16 {
                self as u16
            }

            /// The name in metrics and documents.
            pub fn name(self) -> &'static str {
                match self { $(CloseCode::$name => stringify!($name),)+ }
            }

            /// The words in the close frame, at most 123 bytes.
            pub fn words(self) -> &'static str {
                match self { $(CloseCode::$name => $words,)+ }
            }

            /// Whether a client should come back and resume.
            pub fn may_return(self) -> bool {
                (4000..4100).contains(&self.number()) || matches!(self, CloseCode::GoingAway | CloseCode::Internal)
            }

            /// What it means, for people.
            pub fn doc(self) -> &'static str {
                match self { $(CloseCode::$name => concat!($($doc),+),)+ }
            }
        }
    };
}

closes! {
    /// Both sides are done.
    Normal = 1000, "done";
    /// The engine goes down; come back.
    GoingAway = 1001, "the engine is going down, come back";
    /// The bytes are not WebSocket: unmasked, a reserved bit, a bad control frame, a fragment out of place.
    ProtocolError = 1002, "not a valid WebSocket frame";
    /// Text on the binary subprotocol, or binary on the JSON one.
    WrongForm = 1003, "binary frames on deskwire.v1, text frames on deskwire.v1.json";
    /// Text that is not UTF-8.
    NotUtf8 = 1007, "text that is not UTF-8";
    /// A message or its fragments pass the bound.
    TooBig = 1009, "message too big";
    /// A fault of the engine; come back.
    Internal = 1011, "a fault of the engine, come back";
    /// More waited for you than your outbox holds; come back and resume.
    Slow = 4000, "you read too slowly, come back and resume";
    /// You were silent past the ping; come back and resume.
    Silent = 4001, "no answer to ping, come back and resume";
    /// The engine has no room for another connection; come back later.
    Crowded = 4002, "too many connections, come back later";
    /// What you may see or do has changed; come back and resume.
    Changed = 4003, "your account has changed, come back and resume";
    /// No hello in time.
    NoHello = 4100, "no hello frame in time";
    /// The token is missing, forged, expired or revoked.
    Unauthenticated = 4101, "the token is not valid";
    /// The first frame must be hello, and only the first.
    HelloOutOfPlace = 4102, "hello must be the first frame, and only the first";
    /// A frame that is not of its kind's form, or of a kind that clients do not send.
    Malformed = 4103, "a frame that is not in the table";
    /// The same person opened more sockets than allowed; this was the oldest.
    Replaced = 4104, "replaced by a newer connection of yours";
    /// A supervisor signed you out; sign in again when you are back at work.
    SignedOut = 4110, "you were signed out by a supervisor";
}
