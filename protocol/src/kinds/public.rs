//! Kinds 64–191: what the engine sends to anybody.

use crate::batch::Batch;
use crate::ids::{PersonId, StreamId, TicketId, Time};
use crate::kinds::discussion::with_discussions;
use crate::kinds::{DiscussionLine, Member, NoticeLine, Participant, ReadMark, TicketLine};
use crate::limits::{
    CATEGORY_BYTES_MAX, DETAIL_BYTES_MAX, DISCUSSION_LINES_MAX, MEMBERS_PER_TICKET_MAX, NAME_BYTES_MAX,
    NOTICE_BYTES_MAX, NOTICES_PAGE_MAX, PAGE_BYTES_MAX, REASON_BYTES_MAX, SUBJECT_BYTES_MAX, TEXT_BYTES_MAX,
    TITLE_BYTES_MAX, TOKEN_BYTES_MAX, WELCOME_TICKETS_MAX,
};
use crate::words::{Closure, ModerationAct, NoticeWord, Phase, Priority, Role, Routing, StageName, Step, TellCause};

/// The author of what the engine itself did.
pub const ENGINE: u16 = u16::MAX;

with_discussions! {
    before {
        /// The answer to hello.
        64 Welcome {
            /// Who you are.
            person: PersonId;
            /// What you are.
            role: Role;
            /// Your display name.
            name: String [max NAME_BYTES_MAX];
            /// A new customer's resume token: whoever has it is that customer. Empty for all others.
            token: String [max TOKEN_BYTES_MAX];
            /// The store's epoch; another one than last time means that history was really lost: drop your copies.
            epoch: TicketId;
            /// The engine's clock.
            now: Time;
            /// A customer's open tickets. Empty for staff: each ticket that an agent has follows as `yours`.
            tickets: Vec<TicketLine> [max WELCOME_TICKETS_MAX];
        }
        /// No. Names what it answers: a request, or a ticket and a post's number, or a ticket alone.
        65 Refused {
            /// The request, or 0.
            request: u32;
            /// The ticket, or 0.
            ticket: TicketId;
            /// The post's number, or 0.
            number: u32;
            /// The refusal's number: 100–199 final, 200–299 retryable.
            code: u16;
            /// Try again after this many milliseconds; 0 where it is final.
            retry_ms: u32;
            /// The stream's next number, where the refusal is about order; else 0.
            expected: u32;
            /// For people.
            detail: String [max DETAIL_BYTES_MAX];
        }
        /// The request was carried out and is on disk.
        66 Done {
            /// The request.
            request: u32;
        }
        /// The post is on disk. On the connection that posted it stands in place of the event; others get that.
        67 Acknowledged {
            /// The ticket.
            ticket: TicketId;
            /// The post's number in its stream.
            number: u32;
            /// Its place in the ticket.
            seq: u32;
            /// When.
            at: Time;
        }
        /// Somebody said something.
        68 Message as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket.
            seq: u32;
            /// When.
            at: Time;
            /// Who: an index into the ticket's members.
            author: u16;
            /// What.
            text: String [max TEXT_BYTES_MAX];
        }
        /// You said something, perhaps in another tab; counts as the acknowledgement.
        69 OwnMessage as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket.
            seq: u32;
            /// When.
            at: Time;
            /// Your index in the ticket's members.
            author: u16;
            /// The stream it was posted on.
            stream: StreamId;
            /// Its number there.
            number: u32;
            /// What.
            text: String [max TEXT_BYTES_MAX];
        }
        /// You hear this ticket now; the page that follows is the last, what comes then is live.
        70 Joined {
            /// The ticket.
            ticket: TicketId;
            /// The newest sequence on disk.
            head: u32;
            /// Where it is in its life.
            stage: StageName;
            /// Its category's name.
            category: String [max CATEGORY_BYTES_MAX];
            /// What it is about.
            subject: String [max SUBJECT_BYTES_MAX];
            /// Everybody who ever took part, in the order of their index.
            members: Vec<Member> [max MEMBERS_PER_TICKET_MAX];
            /// The last number your stream has on disk; 0 for a stream the ticket does not know.
            stream_head: u32;
        }
        /// Events in order, gapless, beginning after the join's `after`. Staff get `staff_page` in its place.
        71 Page {
            /// The ticket.
            ticket: TicketId;
            /// The newest sequence on disk.
            head: u32;
            /// Whether the client must join again after the last of these.
            more: bool;
            /// The events.
            events: Batch [max PAGE_BYTES_MAX];
        }
        /// The answer to read back: events in order, gapless, ending just below `before`. Staff get `staff_history`.
        72 History {
            /// The ticket.
            ticket: TicketId;
            /// The `before` of the request.
            before: u32;
            /// Whether there are older ones.
            more: bool;
            /// The events.
            events: Batch [max PAGE_BYTES_MAX];
        }
        /// The ticket began; its customer is member 0.
        73 Opened as event {
            /// The ticket.
            ticket: TicketId;
            /// Always 1.
            seq: u32;
            /// When.
            at: Time;
            /// The customer's display name.
            name: String [max NAME_BYTES_MAX];
            /// Its category's name.
            category: String [max CATEGORY_BYTES_MAX];
            /// How soon it should be served.
            priority: Priority;
            /// What it is about.
            subject: String [max SUBJECT_BYTES_MAX];
        }
        /// An agent has the ticket; both sides may talk.
        74 Assigned as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket.
            seq: u32;
            /// When.
            at: Time;
            /// The agent's index in the ticket's members.
            member: u16;
            /// The agent's display name.
            name: String [max NAME_BYTES_MAX];
            /// How it came to him.
            routing: Routing;
        }
        /// The ticket went a step through its life.
        75 Advanced as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket.
            seq: u32;
            /// When.
            at: Time;
            /// Who: an index into the members, or 65535 for the engine.
            author: u16;
            /// What was done.
            step: Step;
            /// Where the ticket is now.
            stage: StageName;
            /// The outcome or reason.
            reason: String [max REASON_BYTES_MAX];
        }
        /// Somebody types. Not kept.
        76 TypingNow {
            /// The ticket.
            ticket: TicketId;
            /// Who.
            author: u16;
        }
        /// Somebody came to the ticket with his first connection, or left it with his last. Not kept.
        77 Presence {
            /// The ticket.
            ticket: TicketId;
            /// Who.
            author: u16;
            /// Came or left.
            here: bool;
        }
        /// Your place in the queue, on change, at most once a second.
        78 Position {
            /// The ticket.
            ticket: TicketId;
            /// Tickets that would be served before it now, plus one; it may rise.
            position: u32;
            /// The estimated wait in seconds.
            wait_s: u32;
        }
        /// The answer to open: the ticket is on disk.
        79 TicketReady {
            /// The request.
            request: u32;
            /// The ticket.
            ticket: TicketId;
        }
        /// The engine goes down; the connection will close. Come back after this long.
        80 Goodbye {
            /// Milliseconds; spread by the engine so that not all come at once.
            retry_ms: u32;
        }
        /// The answer to ping.
        81 Pong {
            /// That of the ping.
            nonce: u32;
        }
        /// Somebody became a member without having the ticket; his index is the next.
        82 MemberAdded as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket.
            seq: u32;
            /// When.
            at: Time;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
            /// What he is.
            role: Role;
        }
        /// The ticket went to another category, where it waits.
        83 CategoryChanged as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket.
            seq: u32;
            /// When.
            at: Time;
            /// The name of the category that it is in from now on.
            category: String [max CATEGORY_BYTES_MAX];
            /// Where it is in its life now.
            stage: StageName;
        }
        /// An answer to an opening: nobody can serve it now, and there is no ticket.
        88 TurnedAway {
            /// The request.
            request: u32;
            /// Why.
            cause: Closure;
            /// When the category opens next; 0 where it is open, or nobody knows.
            opens: Time;
            /// Whether this customer may open the ticket as a message instead: his e-mail address is known.
            may_leave_message: bool;
            /// What the category has to say to that.
            text: String [max NOTICE_BYTES_MAX];
        }
        /// The engine said something to the customer; each cause once a wait, or once a silence.
        89 CustomerTold as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket.
            seq: u32;
            /// When.
            at: Time;
            /// Why.
            cause: TellCause;
            /// Whether waiting on makes sense. He may leave the queue in any case.
            may_wait: bool;
            /// Whether he may have the ticket go on as a message: his e-mail address is known.
            may_leave_message: bool;
            /// What the category has to say.
            text: String [max NOTICE_BYTES_MAX];
        }
        /// The two sides are there at the same time no more (answers may come later, by mail), or again.
        100 PhaseChanged as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket.
            seq: u32;
            /// When.
            at: Time;
            /// Who: an index into the members, or 65535 for the engine.
            author: u16;
            /// From now on.
            phase: Phase;
            /// Why.
            reason: String [max REASON_BYTES_MAX];
        }
    }
    // 101 to 109 are those of discussions.
    after {
        /// How far members have read: all who have read anything, behind `joined`, and then each whose mark has moved.
        110 ReadMarks {
            /// The ticket.
            ticket: TicketId;
            /// Each member's last event read.
            marks: Vec<ReadMark> [max MEMBERS_PER_TICKET_MAX];
        }
        /// Something concerns you: it stands in your list now. Told to each of your connections.
        111 Notified {
            /// Its number in your list; higher ones are newer.
            number: u32;
            /// What happened.
            what: NoticeWord;
            /// The ticket it is about; 0 where it is about none.
            ticket: TicketId;
            /// When.
            at: Time;
            /// Who did it, by display name; empty for the engine.
            by: String [max NAME_BYTES_MAX];
            /// The reason, or what it is about.
            detail: String [max REASON_BYTES_MAX];
            /// How many notices you have not marked as read.
            unread: u32;
        }
        /// The answer to `ask_notices`.
        112 Notices {
            /// The `request` of the question.
            request: u32;
            /// How many of all you have not marked as read.
            unread: u32;
            /// Whether there are older ones.
            more: bool;
            /// Some, the newest first.
            notices: Vec<NoticeLine> [max NOTICES_PAGE_MAX];
        }
        /// You have marked notices as read, perhaps in another tab.
        113 NoticesRead {
            /// Which; 0 for all.
            number: u32;
            /// How many are left.
            unread: u32;
        }
    }
}
