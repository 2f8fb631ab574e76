//! Kinds 192–254: what the engine sends to staff alone.

use crate::batch::StaffBatch;
use crate::frames;
use crate::ids::{PersonId, StreamId, TicketId, Time};
use crate::kinds::{
    AgentNamed, CannedLine, FloorAgent, FloorCategory, ItemResult, MyRoutingLine, ObstacleCount, RoutingLine,
    SkillAsked, WhatIfMinute,
};
use crate::limits::{
    ASKED_SKILLS_MAX, BULK_TICKETS_MAX, CANNED_PAGE_MAX, CATEGORY_BYTES_MAX, FLOOR_LINES_MAX, LABEL_BYTES_MAX,
    NAME_BYTES_MAX, PAGE_BYTES_MAX, REASON_BYTES_MAX, ROUTING_LINES_MAX, SUBJECT_BYTES_MAX, TEXT_BYTES_MAX,
    WHAT_IF_MINUTES_MAX,
};
use crate::words::{
    ConsultManner, ModerationAct, NoteKind, Obstacle, OfferExit, Priority, QueueExit, Role, Routing, SilenceLevel,
    StaffAct, Status,
};

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
        /// One of the staff said something beside the talk.
        200 Noted as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket's log.
            seq: u32;
            /// When.
            at: Time;
            /// A note, or a supervisor's word to the agent.
            note: NoteKind;
            /// Who. He need not be a member.
            person: PersonId;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
            /// What he is.
            role: Role;
            /// What.
            text: String [max TEXT_BYTES_MAX];
        }
        /// You said something beside the talk, perhaps in another tab; counts as the acknowledgement.
        201 OwnNote as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket's log.
            seq: u32;
            /// When.
            at: Time;
            /// A note, or a word to the agent.
            note: NoteKind;
            /// The stream it was posted on.
            stream: StreamId;
            /// Its number there.
            number: u32;
            /// What.
            text: String [max TEXT_BYTES_MAX];
        }
        /// Somebody who is no member began to watch, with his first connection.
        202 WatchBegan as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket's log.
            seq: u32;
            /// When.
            at: Time;
            /// Who.
            person: PersonId;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
        }
        /// He ceased to, with his last connection; after a fall of the engine this may be noticed late.
        203 WatchEnded as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket's log.
            seq: u32;
            /// When that was noticed.
            at: Time;
            /// Who.
            person: PersonId;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
        }
        /// One of the staff types a note. Not kept.
        204 NoteTypingNow {
            /// The ticket.
            ticket: TicketId;
            /// Who.
            person: PersonId;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
        }
        /// What `page` is to a customer: events in order, gapless, in the numbers of the log.
        205 StaffPage {
            /// The ticket.
            ticket: TicketId;
            /// The newest sequence on disk.
            head: u32;
            /// Whether the client must join again after the last of these.
            more: bool;
            /// The events.
            events: StaffBatch [max PAGE_BYTES_MAX];
        }
        /// What `history` is to a customer: events in order, gapless, ending just below `before`.
        206 StaffHistory {
            /// The ticket.
            ticket: TicketId;
            /// The `before` of the request.
            before: u32;
            /// Whether there are older ones.
            more: bool;
            /// The events.
            events: StaffBatch [max PAGE_BYTES_MAX];
        }
        /// Somebody did something about the ticket that its customer is not told.
        207 Acted as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket's log.
            seq: u32;
            /// When.
            at: Time;
            /// Who; nobody for the engine.
            person: PersonId;
            /// His display name; empty for the engine.
            name: String [max NAME_BYTES_MAX];
            /// What.
            act: StaffAct;
            /// Whom it concerns, where it concerns somebody; else nobody.
            agent: PersonId;
            /// His display name.
            agent_name: String [max NAME_BYTES_MAX];
            /// Until when, where there is an end; else 0.
            until: Time;
            /// Why.
            reason: String [max REASON_BYTES_MAX];
        }
        /// A ticket waits for a supervisor, or does no longer. Told to those of them who watch the queue.
        208 Escalation {
            /// The ticket.
            ticket: TicketId;
            /// Since when it does; 0 when it is over.
            since: Time;
            /// The ticket's category.
            category: String [max CATEGORY_BYTES_MAX];
            /// The customer's display name.
            name: String [max NAME_BYTES_MAX];
            /// What it is about.
            subject: String [max SUBJECT_BYTES_MAX];
        }
        /// You are asked into somebody's ticket, or are no more: it was ended, or the ticket is yours, waits or is over. Said
        /// again to a new connection.
        209 Consulted {
            /// The ticket.
            ticket: TicketId;
            /// Into what, or no more.
            manner: ConsultManner;
            /// The ticket's category.
            category: String [max CATEGORY_BYTES_MAX];
            /// The customer's display name.
            name: String [max NAME_BYTES_MAX];
            /// What it is about.
            subject: String [max SUBJECT_BYTES_MAX];
        }
        /// Another of the staff hears a ticket that you hear, or does no longer. Who watches it silently is told of none.
        /// Not kept.
        210 StaffHere {
            /// The ticket.
            ticket: TicketId;
            /// Who.
            person: PersonId;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
            /// Whether he hears it.
            here: bool;
        }
        /// What became of a ticket that you offered to somebody.
        212 TransferAnswered {
            /// The ticket.
            ticket: TicketId;
            /// Whom you offered it to.
            agent: PersonId;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
            /// What he said, or what came between.
            exit: OfferExit;
        }
        /// The customer waits for an answer of the agent's for too long.
        213 AgentSilent as event {
            /// The ticket.
            ticket: TicketId;
            /// Its place in the ticket's log.
            seq: u32;
            /// When that was noticed.
            at: Time;
            /// The agent.
            agent: PersonId;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
            /// What came of it.
            level: SilenceLevel;
        }
        /// The same, to the agent when he is warned and to supervisors when they are told, whether they hear the ticket or
        /// not. Not kept.
        214 SilenceAlarm {
            /// The ticket.
            ticket: TicketId;
            /// The agent.
            agent: PersonId;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
            /// Which of the two.
            level: SilenceLevel;
            /// Since when the customer waits for an answer.
            since: Time;
        }
        /// What you call your status. Follows `your_state` where there is a word for it, or was.
        215 YourLabel {
            /// The status.
            status: Status;
            /// A reason, or a name of your own; empty for none.
            label: String [max LABEL_BYTES_MAX];
        }
        /// Somebody moderated a discussion. Customers are told no more of it than what they see change.
        217 Moderated as event {
            /// The discussion.
            ticket: TicketId;
            /// Its place in the discussion's log.
            seq: u32;
            /// When.
            at: Time;
            /// Who did it.
            person: PersonId;
            /// His display name.
            name: String [max NAME_BYTES_MAX];
            /// What.
            act: ModerationAct;
            /// Whom it concerns: an index into the members, or 65535.
            author: u16;
            /// The post's place, where it concerns a post; else 0.
            target: u32;
            /// Until when, of a mute; 281474976710655 for ever, else 0.
            until: Time;
            /// The pause of slow mode; else 0.
            seconds: u32;
            /// Why.
            reason: String [max REASON_BYTES_MAX];
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
        /// You write a ticket up: its slot stays used until you say that you have done, or until then.
        224 WrapUp {
            /// The ticket.
            ticket: TicketId;
            /// When it ends by itself; 0 when it has ended.
            until: Time;
        }
        /// Why a ticket has this agent, or none. The candidates are those of the decision if it has an agent, else those
        /// of now.
        230 RoutingExplained {
            /// The `request` of the question.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// Who got it; 0 while it waits.
            agent: PersonId;
            /// How; of no meaning while it waits.
            routing: Routing;
            /// When that was decided; while it waits, now.
            at: Time;
            /// Its position while it waits; else 0.
            position: u32;
            /// The category that helps out, if one does by then.
            besides: String [max CATEGORY_BYTES_MAX];
            /// What it asks for by then.
            asks: Vec<SkillAsked> [max ASKED_SKILLS_MAX];
            /// When it asks for less, or another category helps out; 0 for never.
            relaxes: Time;
            /// Some of those who serve its category, in the order of their turns as far as they may take it.
            candidates: Vec<RoutingLine> [max ROUTING_LINES_MAX];
            /// All of them, by what keeps it from them.
            counts: Vec<ObstacleCount> [max ROUTING_LINES_MAX];
        }
        /// Why you get nothing, or not yet: the first ticket of each of your queues.
        231 MyRouting {
            /// The `request` of the question.
            request: u32;
            /// What keeps you from all of them; `turn` where nothing does.
            obstacle: Obstacle;
            /// The first of each queue.
            heads: Vec<MyRoutingLine> [max ROUTING_LINES_MAX];
            /// Queues with tickets that are not among them.
            more: u32;
        }
        /// Agents whom you oversee: all of them page by page at first, then those who changed.
        232 FloorAgents {
            /// The `request` of the question; 0 where you watch.
            request: u32;
            /// When this was so.
            at: Time;
            /// In no order.
            agents: Vec<FloorAgent> [max FLOOR_LINES_MAX];
            /// You oversee these no longer.
            gone: Vec<AgentNamed> [max FLOOR_LINES_MAX];
            /// Whether there are more of them.
            more: bool;
        }
        /// Categories that you oversee: all of them page by page at first, then those that changed.
        233 FloorCategories {
            /// The `request` of the question; 0 where you watch.
            request: u32;
            /// When this was so.
            at: Time;
            /// The window that is counted over, in seconds; it ends with the current minute.
            window_s: u32;
            /// Since when there are counts, if that is later: they begin anew when the queue does.
            counted_since: Time;
            /// In no order.
            categories: Vec<FloorCategory> [max FLOOR_LINES_MAX];
            /// Whether there are more of them.
            more: bool;
        }
        /// What the floor would come to: the categories that you oversee, minute by minute.
        234 WhatIfAnswer {
            /// The `request` of the question.
            request: u32;
            /// How it would run on unchanged.
            as_is: Vec<WhatIfMinute> [max WHAT_IF_MINUTES_MAX];
            /// How it would with the changes.
            changed: Vec<WhatIfMinute> [max WHAT_IF_MINUTES_MAX];
            /// The part of those who would be served in time unchanged, those who leave counted as not; in thousandths.
            service_level_as_is: u16;
            /// The same with the changes.
            service_level_changed: u16;
        }
        /// What became of each ticket of an act on many.
        235 Results {
            /// The `request` of the act.
            request: u32;
            /// In the order in which they were named.
            items: Vec<ItemResult> [max BULK_TICKETS_MAX];
        }
        /// A customer has begun a ticket that you may serve or supervise. Not kept: the queue says what waits.
        240 NewTicket {
            /// The ticket.
            ticket: TicketId;
            /// Its category's name.
            category: String [max CATEGORY_BYTES_MAX];
            /// How soon it should be served.
            priority: Priority;
            /// When it began.
            since: Time;
            /// The customer's display name.
            name: String [max NAME_BYTES_MAX];
            /// What it is about.
            subject: String [max SUBJECT_BYTES_MAX];
        }
        /// The answer to `ask_canned`: replies filled in for the ticket, in the order of their numbers.
        241 CannedReplies {
            /// The `request` of the question.
            request: u32;
            /// The ticket.
            ticket: TicketId;
            /// Whether there are more behind the last of these.
            more: bool;
            /// Some.
            replies: Vec<CannedLine> [max CANNED_PAGE_MAX];
        }
    }
}
