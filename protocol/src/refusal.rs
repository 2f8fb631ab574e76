//! Numbered answers "no" to one request: 100–199 are final, 200–299 say "later".

macro_rules! refusals {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal,)+) => {
        /// Why a request was refused. The number's range says whether the same request can succeed later.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Refusal { $($(#[doc = $doc])+ $name = $number,)+ }

        impl Refusal {
            /// Every refusal, in the order of the numbers.
            pub const ALL: &'static [Refusal] = &[$(Refusal::$name),+];

            /// The number on the wire.
            pub fn number(self) -> u16 {
                self as u16
            }

            /// The refusal of a number, if there is one.
            pub fn from_number(number: u16) -> Option<Refusal> {
                Self::ALL.iter().copied().find(|refusal| refusal.number() == number)
            }

            /// Whether the same request may be sent again after `retry_ms`.
            pub fn is_retryable(self) -> bool {
                self.number() >= 200
            }

            /// The name in metrics and documents.
            pub fn name(self) -> &'static str {
                match self { $(Refusal::$name => stringify!($name),)+ }
            }

            /// What it means, for people.
            pub fn words(self) -> &'static str {
                match self { $(Refusal::$name => concat!($($doc),+),)+ }
            }
        }
    };
}

refusals! {
    /// The frame is not of its kind's form, or a field passes its bound.
    Malformed = 100,
    /// The role may not do this.
    Forbidden = 102,
    /// There is no such ticket, or it is not yours to see.
    UnknownTicket = 103,
    /// Join the ticket on this connection first.
    NotJoined = 104,
    /// The ticket's stage does not allow this step; the detail names both.
    IllegalStep = 105,
    /// The stream's next number is another; `expected` names it.
    OutOfOrder = 106,
    /// This number was taken by another text: take a new stream.
    StreamConflict = 107,
    /// A stream the ticket does not know starts at 1: take a new stream.
    StreamUnknown = 108,
    /// The ticket has no place for another stream today.
    StreamsFull = 109,
    /// A post needs text.
    EmptyText = 111,
    /// Somebody else has this ticket; the detail names its stage.
    Taken = 112,
    /// The ticket's category is not one of yours.
    NotEntitled = 113,
    /// All your slots are used, or you are away.
    NoFreeSlot = 114,
    /// There is no such category.
    UnknownCategory = 115,
    /// Too many open tickets of one customer.
    TooManyTickets = 116,
    /// You have seen more than the log holds: it was restored from an older state.
    Ahead = 117,
    /// The ticket cannot be opened after repeated falls; an operator was told.
    SetAside = 118,
    /// The category takes no posts before an agent has the ticket.
    NotYetAssigned = 119,
    /// The ticket has no place for another member.
    MembersFull = 120,
    /// This connection has joined as many tickets as it may.
    JoinedFull = 121,
    /// The repeat is of a number too far back to be told apart: take a new stream.
    StreamForgotten = 122,
    /// The offer stands no more, or is not yours.
    Lapsed = 130,
    /// The agent is away, full or not entitled to the ticket.
    CannotTake = 131,
    /// The ticket is in that category already.
    SameCategory = 132,
    /// You ignore this ticket: show it again first.
    Ignored = 133,
    /// This person cannot be asked into the ticket; the detail says why.
    CannotConsult = 134,
    /// The time in which its customer may open the ticket again is over.
    TooLate = 135,
    /// As many colleagues as may be are asked into the ticket.
    ConsultsFull = 136,
    /// An asynchronous ticket needs a customer whose e-mail address is known.
    Unreachable = 137,
    /// The ticket has no place for another note, or its log for another watch.
    NotesFull = 140,
    /// There is no such agent, or he is none of yours to lead.
    UnknownAgent = 150,
    /// There is no such team, or it is none of yours to lead.
    UnknownTeam = 151,
    /// What is asked of the floor cannot be; the detail names it.
    Absurd = 152,
    /// More waits than can be run forward.
    FloorTooLarge = 153,
    /// The discussion has as many members as it may.
    DiscussionFull = 160,
    /// You may not come back to this discussion.
    Banned = 161,
    /// You may say nothing in this discussion for now; the detail says until when.
    Muted = 162,
    /// Enter the discussion first.
    NotAMember = 163,
    /// Who moderates cannot be muted, removed or banned.
    Moderates = 164,
    /// There is no such post, or no such member.
    UnknownPost = 165,
    /// The discussion's log has no place for another moderation.
    ModerationsFull = 166,
    /// The engine holds as many discussions as it may.
    DiscussionsFull = 167,
    /// It was accepted but its fate is unknown: send it again.
    Again = 200,
    /// The engine has more than it can write now: send it again after `retry_ms`.
    Busy = 201,
    /// The disk is nearly full: reads go on, writes wait for an operator.
    ReadOnly = 202,
    /// The queue is being rebuilt: ask again.
    PairingPaused = 203,
    /// The engine is going down: come back to the next one.
    Draining = 204,
    /// The queue, or the engine, holds as many tickets as it may.
    Full = 205,
    /// The discussion takes one post of a member in so many seconds: send it again after `retry_ms`.
    TooSoon = 260,
}
