//! The small closed vocabularies: one byte on the wire, a word in JSON, the same word in metrics and pages.

use rkyv::{Archive, Deserialize, Serialize};

use crate::wire::{Wire, WireType, Words};

macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $wdoc:literal])+ $word:ident = $byte:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Archive, Serialize, Deserialize,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        #[rkyv(derive(Clone, Copy))]
        #[repr(u8)]
        pub enum $name { $($(#[doc = $wdoc])+ $word = $byte,)+ }

        impl $name {
            /// Every word, in the order of the bytes.
            pub const ALL: &'static [$name] = &[$($name::$word),+];
        }

        impl Wire for $name {
            const TYPE: WireType = WireType::Word(&Words {
                name: stringify!($name),
                words: &[$(($byte, stringify!($word), concat!($($wdoc),+))),+],
            });

            fn out_of_line(&self) -> usize {
                0
            }
        }
    };
}

mod discussion;

pub use discussion::{MemberState, ModerationAct};

words! {
    /// What a person is to the desk.
    Role {
        /// Asks; sees only his own tickets.
        Customer = 0,
        /// Answers tickets of his categories.
        Agent = 1,
        /// An agent who also watches, coaches and takes over.
        Supervisor = 2,
        /// Runs the place.
        Admin = 3,
    }
}

impl Role {
    /// Whether this role works at the desk.
    pub fn is_staff(self) -> bool {
        self != Role::Customer
    }
}

words! {
    /// Where a ticket is in its life.
    StageName {
        /// In the queue; an offer is a state of the queue, the ticket still waits.
        Waiting = 0,
        /// An agent has it.
        Assigned = 1,
        /// The agent waits for the customer; the customer's next post makes it assigned again.
        Pending = 2,
        /// The agent set it aside.
        OnHold = 3,
        /// Done.
        Closed = 4,
        /// Turned down with a reason.
        Rejected = 5,
        /// The customer left before anybody had it.
        Abandoned = 6,
        /// Was closed and waits again.
        Reopened = 7,
    }
}

words! {
    /// What a person does to a ticket's life.
    Step {
        /// End it: the customer, its agent, a supervisor.
        Close = 0,
        /// Turn it down: staff, while it waits.
        Reject = 1,
        /// Leave the queue: its customer.
        Abandon = 2,
        /// Set it aside: its agent.
        Hold = 3,
        /// Take it up again: its agent.
        Resume = 4,
        /// Wait for the customer: its agent.
        Pend = 5,
        /// Open it again after it was closed: its customer for a while, its last agent, a supervisor; or after it was turned
        /// down: staff.
        Reopen = 6,
        /// Give it back to the queue: its agent, a supervisor.
        Requeue = 7,
    }
}

words! {
    /// How soon a ticket should be served; each step up counts as minutes of waiting.
    Priority {
        /// Can wait.
        Low = 0,
        /// The usual.
        Normal = 1,
        /// Before the usual.
        High = 2,
        /// Before all others.
        Urgent = 3,
    }
}

words! {
    /// Whether an agent takes new tickets.
    Status {
        /// Gets tickets while he has a free slot.
        Available = 0,
        /// Keeps what he has, gets nothing new.
        Away = 1,
        /// At work on something else: keeps what he has, gets nothing new.
        Busy = 2,
        /// Let an offer lapse: gets nothing new until he says otherwise.
        NotResponding = 3,
        /// Signed out for the day.
        Offline = 4,
    }
}

words! {
    /// Whether the two sides of a ticket are there at the same time.
    Phase {
        /// A chat: both are there, and leases, offers and abandonment mind it.
        Live = 0,
        /// Correspondence: it stays with its owner while either side is away.
        Asynchronous = 1,
    }
}

words! {
    /// How a new ticket wants to be treated.
    PhaseWish {
        /// Live where its customer has a connection or cannot be reached otherwise, else asynchronous.
        Fitting = 0,
        /// A chat.
        Live = 1,
        /// Correspondence; needs an e-mail address.
        Asynchronous = 2,
    }
}

#[expect(clippy::derivable_impls, reason = "few vocabularies have a first choice, so their table derives none")]
impl Default for PhaseWish {
    fn default() -> PhaseWish {
        PhaseWish::Fitting
    }
}

words! {
    /// Why a category takes no chat now.
    Closure {
        /// It is out of hours.
        Closed = 0,
        /// It closes so soon that nobody is let in any more.
        Ending = 1,
        /// Nobody who serves it is on duty.
        Nobody = 2,
        /// Everybody who serves it is full, and the category does not let anybody wait for that.
        Full = 3,
        /// As many wait as may.
        QueueFull = 4,
    }
}

words! {
    /// Why the engine says something to a customer.
    TellCause {
        /// He has waited for longer than anybody should.
        WaitTooLong = 0,
        /// He waits, and the hours are over.
        Closed = 1,
        /// He waits, and nobody is on duty any more.
        Nobody = 2,
        /// He was asked something and has not answered for long.
        Silent = 3,
    }
}

words! {
    /// What came of an agent's silence.
    SilenceLevel {
        /// He was warned.
        Warned = 0,
        /// The supervisors were told.
        Escalated = 1,
    }
}

words! {
    /// How a ticket came to its agent.
    Routing {
        /// The queue gave it.
        Automatic = 0,
        /// The agent took it by hand.
        Picked = 1,
        /// The queue offered it and the agent accepted.
        Offered = 2,
        /// Its agent gave it to a colleague.
        Transferred = 3,
        /// A supervisor gave it to him.
        ByHand = 4,
        /// A supervisor took it himself.
        TakenOver = 5,
        /// Its agent asked for a supervisor, and this one was free.
        Escalated = 6,
    }
}

words! {
    /// Why an entry left the live queue view.
    QueueExit {
        /// An agent has it.
        Assigned = 0,
        /// The customer left.
        Abandoned = 1,
        /// It was turned down, closed, or set aside after repeated falls.
        Ended = 2,
        /// It waits in another category now.
        Moved = 3,
        /// You ignore it.
        Ignored = 4,
    }
}

words! {
    /// Why an offer stands no more.
    OfferExit {
        /// The agent accepted it: the ticket is his.
        Accepted = 0,
        /// The agent declined it.
        Declined = 1,
        /// He said nothing in time.
        Lapsed = 2,
        /// The ticket went elsewhere, or is over.
        Rescinded = 3,
    }
}

words! {
    /// What staff say beside a ticket's talk; no customer hears any of it.
    NoteKind {
        /// A remark that is kept for whoever of the staff reads the ticket.
        Note = 0,
        /// A supervisor's word to the agent who has the ticket, while they talk.
        Whisper = 1,
    }
}

words! {
    /// What a colleague is asked into of a ticket that stays its owner's.
    ConsultManner {
        /// Into its notes: he reads along and leaves notes, and its customer hears nothing of it.
        Notes = 0,
        /// Into its talk: he is a member whom its customer sees.
        Talk = 1,
        /// No more.
        End = 2,
    }
}

words! {
    /// How a ticket goes to an agent whom somebody names.
    Manner {
        /// It is his.
        AtOnce = 0,
        /// He is asked, and until he accepts it stays where it is.
        IfAccepted = 1,
        /// It is his though his slots are used, or his team's: a supervisor's to say, named so in the log and counted.
        BeyondLimit = 2,
    }
}

words! {
    /// What keeps an agent from a ticket, or nothing; the first that is so.
    Obstacle {
        /// Nothing but that another's turn, or another's ticket, comes first.
        Turn = 0,
        /// It went to him.
        Chosen = 1,
        /// Its category gives nothing by itself: tickets are picked by hand.
        ByHand = 2,
        /// It waits for another, who had it last.
        KeptForAnother = 3,
        /// He does not serve its category, nor one that helps out.
        OtherCategory = 4,
        /// He lacks a skill, or has it at a lower level.
        Skill = 5,
        /// He has no connection.
        Gone = 6,
        /// He takes nothing new.
        Away = 7,
        /// His slots are used.
        Full = 8,
        /// His team's slots are used.
        TeamFull = 9,
        /// He declined it, and others are there.
        Declined = 10,
        /// He ignores it.
        Ignored = 11,
    }
}

words! {
    /// What becomes of an agent's tickets when a supervisor takes them from him.
    TakenBack {
        /// Back to the queue at their places; he may be given them again.
        Requeue = 0,
        /// The same, and he is passed over for each as long as somebody else is at work who could take it.
        Redistribute = 1,
    }
}

words! {
    /// A part of the floor view.
    FloorPart {
        /// The agents.
        Agents = 0,
        /// The categories.
        Categories = 1,
    }
}

words! {
    /// What one of the staff, or the engine, did about a ticket that its customer is not told.
    StaffAct {
        /// Gave it to another agent.
        Transfer = 0,
        /// As a supervisor, gave it to an agent.
        Assign = 1,
        /// As a supervisor, took it himself.
        TakeOver = 2,
        /// Needs longer to write it up.
        ExtendWrapUp = 3,
        /// Has written it up: the slot is free.
        EndWrapUp = 4,
        /// Gave it to another category.
        TransferToCategory = 5,
        /// Asked for a supervisor to have it.
        Escalate = 6,
        /// Asks for none any more.
        EndEscalation = 7,
        /// Wants to see no more of it while it waits.
        Ignore = 8,
        /// Wants to see it again.
        EndIgnore = 9,
        /// As a supervisor, gave it to an agent, or took it, beyond the limit of his slots.
        AssignBeyondLimit = 10,
        /// Asked a colleague into its notes.
        Consult = 11,
        /// Asked a colleague into its talk.
        ConsultTalk = 12,
        /// Asks him no more, or he himself has left.
        EndConsult = 13,
    }
}

words! {
    /// What a notice tells the person whom it concerns.
    NoticeWord {
        /// A customer: your ticket has an agent.
        Accepted = 0,
        /// Your ticket was turned down.
        Rejected = 1,
        /// A customer: your ticket went to another agent.
        Transferred = 2,
        /// Your ticket is over, and somebody else ended it.
        Closed = 3,
        /// Staff: somebody gave you a ticket.
        Given = 4,
        /// Staff: a ticket of yours went to somebody else.
        TakenAway = 5,
        /// Staff: a supervisor has a word for you about a ticket of yours.
        Whispered = 6,
        /// Staff: you were evaluated.
        Evaluated = 7,
    }
}
