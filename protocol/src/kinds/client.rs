//! Kinds 1–63: what clients send.

use crate::frames;
use crate::ids::{PersonId, StreamId, TicketId};
use crate::kinds::{OverflowAsked, SkillAsked, TicketNamed};
use crate::limits::{
    BULK_TICKETS_MAX, CATEGORY_BYTES_MAX, EMAIL_BYTES_MAX, LABEL_BYTES_MAX, NAME_BYTES_MAX, OPEN_SKILLS_MAX,
    REASON_BYTES_MAX, SUBJECT_BYTES_MAX, TEXT_BYTES_MAX, TITLE_BYTES_MAX, TOKEN_BYTES_MAX, WHAT_IF_OVERFLOWS_MAX,
};
use crate::words::{
    ConsultManner, FloorPart, Manner, ModerationAct, NoteKind, PhaseWish, Priority, Status, Step, TakenBack,
};

/// `after` of a join that asks for the newest page instead of everything since.
pub const FROM_NEWEST: u32 = u32::MAX;

frames! {
    /// What clients send.
    pub enum ClientFrame {
        /// The first frame: who I am. Not sent where the address carried `?token=`.
        1 Hello {
            /// A staff token from sign-in or a customer's resume token; empty makes a new customer.
            token: String [max TOKEN_BYTES_MAX] = default;
            /// A new customer's display name.
            name: String [max NAME_BYTES_MAX] = default;
            /// A new customer's e-mail address; a claim, never proof.
            email: String [max EMAIL_BYTES_MAX] = default;
        }
        /// A customer starts a chat; answered by `ticket_ready`. The same key gives the same ticket again.
        2 Open {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// 128 random bits made for this chat; a repeat after a lost answer uses it again.
            key: StreamId;
            /// The category's name.
            category: String [max CATEGORY_BYTES_MAX];
            /// How soon it should be served.
            priority: Priority;
            /// What it is about, in a line.
            subject: String [max SUBJECT_BYTES_MAX] = default;
        }
        /// Hear a ticket: one page of what came after `after`, and once nothing is left, everything live. A page
        /// with `more` asks for another join after its last event.
        3 Join {
            /// The ticket.
            ticket: TicketId;
            /// The stream this connection will post on.
            stream: StreamId;
            /// The last sequence seen, 0 for none; 4294967295 asks for the newest page.
            after: u32 = default;
        }
        /// Stop hearing a ticket on this connection. Not answered.
        4 Leave {
            /// The ticket.
            ticket: TicketId;
        }
        /// Say something on the stream named in the join; answered by `acknowledged` or `refused`.
        5 Post {
            /// The ticket.
            ticket: TicketId;
            /// The stream's next number: 1, 2, 3 …
            number: u32;
            /// What is said.
            text: String [max TEXT_BYTES_MAX];
        }
        /// I am typing; told to the others at most once a second, never kept. Not answered.
        6 Typing {
            /// The ticket.
            ticket: TicketId;
        }
        /// Older events; answered by `history`.
        7 ReadBack {
            /// The ticket.
            ticket: TicketId;
            /// Events below this sequence, the nearest first in number, at most a page.
            before: u32;
        }
        /// Move a ticket through its life; answered by `done` or `refused`.
        8 Advance {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// What to do.
            step: Step;
            /// The outcome of a close, the reason of a rejection.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// An agent takes a waiting ticket by hand; answered by `done` or `refused`.
        9 Pick {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
        }
        /// An agent says whether he takes new tickets; answered by `done`.
        10 SetStatus {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// From now on.
            status: Status;
        }
        /// Staff watch the queue of their categories: its entries now, then its changes; answered by `done` first.
        11 WatchQueue {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// Begin or end.
            on: bool;
        }
        /// Is the engine there? Answered by `pong`. For clients that cannot send a WebSocket ping.
        12 Ping {
            /// Comes back in the pong.
            nonce: u32;
        }
        /// A customer starts a chat or leaves a message, with more to say of it than `open`; answered by `ticket_ready`,
        /// `turned_away` or `refused`. The same key gives the same ticket again.
        13 OpenWith {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// 128 random bits made for this ticket; a repeat after a lost answer uses it again.
            key: StreamId;
            /// The category's name.
            category: String [max CATEGORY_BYTES_MAX];
            /// How soon it should be served.
            priority: Priority;
            /// A chat or a message.
            phase: PhaseWish = default;
            /// What its agent should be able to do, as long as the category's rules let it ask.
            skills: Vec<SkillAsked> [max OPEN_SKILLS_MAX] = default;
            /// What it is about, in a line.
            subject: String [max SUBJECT_BYTES_MAX] = default;
            /// The first message, if there is one: number 1 of the stream that the key names.
            text: String [max TEXT_BYTES_MAX] = default;
        }
        /// A customer does not stay: his live ticket keeps its place and goes on as a message. Answered by `done` or
        /// `refused`.
        14 LeaveMessage {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
        }
        /// An agent says whether he takes new tickets, and what he calls that; answered by `done`.
        15 SetStatusWith {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// From now on.
            status: Status;
            /// A reason, or a name of his own for it; empty for none.
            label: String [max LABEL_BYTES_MAX] = default;
        }
        /// Staff say something beside the talk, on the stream named in the join and numbered in common with its posts;
        /// answered by `acknowledged` or `refused`. No customer hears of it.
        20 Note {
            /// The ticket.
            ticket: TicketId;
            /// A note, or a word to its agent.
            note: NoteKind;
            /// The stream's next number: 1, 2, 3 …
            number: u32;
            /// What is said.
            text: String [max TEXT_BYTES_MAX];
        }
        /// I am typing a note; told to other staff at most once a second, never to a customer, never kept. Not answered.
        21 NoteTyping {
            /// The ticket.
            ticket: TicketId;
        }
        /// Who watches a ticket takes part in its talk from now on: a member whom all see. Answered by `done`.
        22 TakePart {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
        }
        /// I have read this ticket up to here; who takes part is shown it. Answered by `done` once it is kept, or `refused`.
        23 ReadUpTo {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// The last event seen, in one's own numbers. What is below an earlier mark changes nothing.
            seq: u32;
        }
        /// Staff ask for the canned replies that fit a ticket, filled in for it; answered by `canned_replies` or `refused`.
        24 AskCanned {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// Those with a higher number than this, the lowest first.
            after: u32 = default;
        }
        /// What was I told of? Answered by `notices` or `refused`.
        25 AskNotices {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// Those with a lower number than this, the newest first; 0 for the newest of all.
            before: u32 = default;
        }
        /// I have seen one of my notices, or all. Answered by `done` once it is kept, or `refused`.
        26 MarkNotices {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// Which; 0 for all. One that is not kept any more changes nothing.
            number: u32 = default;
        }
        /// An agent answers an offer; answered by `done` or `refused`.
        30 AnswerOffer {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// The offer's number.
            offer: u32;
            /// Whether he takes it.
            accept: bool;
        }
        /// Give a ticket to an agent: its owner to a colleague, a supervisor to anybody. Answered by `done` or `refused`.
        31 Transfer {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// To whom.
            agent: PersonId;
            /// Why.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// A supervisor takes a ticket from whoever has it. Answered by `done` or `refused`.
        32 TakeOver {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// Why.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// An agent has written a ticket up, or needs longer. Answered by `done` or `refused`.
        33 SetWrapUp {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// From now, in seconds, at most an hour; 0 ends it.
            more_s: u32;
        }
        /// Its owner, or a supervisor, gives a ticket to another category, where it waits. Answered by `done` or `refused`.
        34 TransferToCategory {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// The category's name.
            category: String [max CATEGORY_BYTES_MAX];
            /// Why; its customer is not told.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// Its agent hands a ticket to the first supervisor who is free; he has it till then. Answered by `done` or `refused`.
        35 Escalate {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// Whether a supervisor is to have it, or need not any more.
            on: bool;
            /// Why; its customer is not told.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// A waiting ticket leaves one's own view and is not one's to get while it waits. Answered by `done` or `refused`.
        36 Ignore {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// From now on, or no more.
            on: bool;
        }
        /// Its owner, or a supervisor who oversees it, asks a colleague in; it stays its owner's. Answered by `done` or
        /// `refused`. The colleague ends it by naming himself.
        37 Consult {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// Whom: an agent who serves its category, or a supervisor.
            agent: PersonId;
            /// Into what, or no more.
            manner: ConsultManner;
            /// Why; its customer is not told.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// As `transfer`; where the agent is asked, `done` says that he is, and `transfer_answered` what he said.
        38 HandOver {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// To whom; oneself to take it.
            agent: PersonId;
            /// How.
            manner: Manner;
            /// Why.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// A supervisor watches the floor: the agents and categories that he oversees as they are, then at most once a
        /// second what has changed, as `floor_agents` and `floor_categories`. Answered by `done` first.
        40 WatchFloor {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// Begin or end.
            on: bool;
        }
        /// A supervisor asks what the floor would come to if it ran on from now, with changes; answered by
        /// `what_if_answer` or `refused`. One at a time of a person.
        41 WhatIf {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// How far to look ahead, 1 to 240.
            minutes: u16;
            /// So many more agents at work, each like one who is; at most 1,000.
            agents_more: u16 = default;
            /// Live slots of every agent at work, at most 1,000; 0 for what they have.
            slots: u16 = default;
            /// Categories that help out others.
            overflow: Vec<OverflowAsked> [max WHAT_IF_OVERFLOWS_MAX] = default;
        }
        /// A supervisor says whether an agent takes new tickets; answered by `done` or `refused`.
        42 SetAgentStatus {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// Whose.
            agent: PersonId;
            /// From now on.
            status: Status;
            /// Why.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// A supervisor signs an agent out: he is offline, his offers are taken back, his live tickets go back to the queue
        /// at once, and his connections are closed. Answered by `results`, of these tickets, or `refused`.
        43 SignOut {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// Whom.
            agent: PersonId;
            /// Why.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// A supervisor takes all tickets from an agent; answered by `results` or `refused`.
        44 TakeBack {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// From whom.
            agent: PersonId;
            /// What becomes of them.
            taken: TakenBack;
            /// Why.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// Staff ask why a ticket has this agent, or none; answered by `routing_explained` or `refused`.
        45 AskRouting {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The ticket.
            ticket: TicketId;
        }
        /// An agent asks why he gets nothing; answered by `my_routing`.
        46 AskMyRouting {
            /// Chosen by the client; the answer carries it.
            request: u32;
        }
        /// A supervisor closes tickets, each as if alone; answered by `results` or `refused`.
        47 CloseTickets {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// Which; one that is named twice is asked once.
            tickets: Vec<TicketNamed> [max BULK_TICKETS_MAX];
            /// The outcome.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// A supervisor of a team says what all its agents together may have at once; answered by `done` or `refused`.
        48 SetTeamSlots {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// Its number.
            team: u16;
            /// Live chats; 65535 for no limit.
            live: u16;
            /// Asynchronous tickets; 65535 for no limit.
            asynchronous: u16;
        }
        /// A supervisor looks at the floor once; answered by `floor_agents` or `floor_categories`, or `refused`.
        49 AskFloor {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// Which part.
            part: FloorPart;
            /// Which page of it, from 0.
            page: u16 = default;
        }
        /// A supervisor or admin founds a discussion; answered by `ticket_ready`. The same key gives the same one again.
        50 Found {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// 128 random bits made for this discussion; a repeat after a lost answer uses it again.
            key: StreamId;
            /// Its title.
            title: String [max TITLE_BYTES_MAX];
            /// What it is about.
            topic: String [max SUBJECT_BYTES_MAX] = default;
            /// A member may post once in so many seconds; 0 for as often as he likes.
            slow_s: u32 = default;
        }
        /// Which discussions are there; answered by `discussions`.
        51 ListDiscussions {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The last discussion of the page before; 0 for the first page.
            after: TicketId = default;
        }
        /// Moderate a discussion; answered by `done` or `refused`. Each act takes the fields that it needs.
        52 Moderate {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The discussion.
            ticket: TicketId;
            /// What is done.
            act: ModerationAct;
            /// To whom: an index into the members; of no meaning to the acts on a post or on all.
            member: u16 = default;
            /// The post, for its deletion; else 0.
            seq: u32 = default;
            /// For how long, of a mute (0: for ever); the pause of slow mode.
            seconds: u32 = default;
            /// Why. He whom it concerns is told.
            reason: String [max REASON_BYTES_MAX] = default;
        }
        /// Become a member of a discussion, as a join does; answered by `done` or `refused`.
        53 Enter {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The discussion.
            ticket: TicketId;
        }
        /// Cease to be a member of a discussion; answered by `done` or `refused`. To stop hearing it is `leave`.
        54 Depart {
            /// Chosen by the client; the answer carries it.
            request: u32;
            /// The discussion.
            ticket: TicketId;
        }
    }
}
