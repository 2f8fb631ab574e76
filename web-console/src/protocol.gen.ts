// Generated from the table of frames in protocol/src. Do not edit; this writes it again:
// DESKWIRE_UPDATE=1 cargo test -p deskwire-protocol

/** How a field stands on the wire; a list of words is a vocabulary, its place the byte. */
export type FieldType =
  | "bool" | "u8" | "u16" | "u32" | "id64" | "id128" | "time" | "text" | "batch"
  | readonly string[]
  | { readonly list: readonly Field[] };

/** Name, type, and the most bytes (text, batch) or items (list). */
export type Field = readonly [name: string, type: FieldType, max?: number];

/** One kind of frame: its byte, its name, whether it is an event of a ticket's log, its fields. */
export interface Kind {
  readonly number: number;
  readonly kind: string;
  readonly event: boolean;
  readonly fields: readonly Field[];
}

export const SUBPROTOCOL = "deskwire.v1";
/** `after` of a join that asks for the newest page. */
export const FROM_NEWEST = 4294967295;
/** The author of what the engine itself did. */
export const ENGINE = 65535;

export const LIMITS = {
  /** Longest WebSocket message a client may send, in bytes, fragments added up. */
  MESSAGE_BYTES_MAX: 32768,
  /** Most fragments of one message. */
  FRAGMENTS_MAX: 16,
  /** Longest text of a post, in bytes of UTF-8. */
  TEXT_BYTES_MAX: 16384,
  /** Longest display name, in bytes of UTF-8. */
  NAME_BYTES_MAX: 80,
  /** Longest e-mail address, in bytes (RFC 5321, 4.5.3.1.3). */
  EMAIL_BYTES_MAX: 254,
  /** Longest subject, in bytes of UTF-8. */
  SUBJECT_BYTES_MAX: 200,
  /** Longest reason or outcome, in bytes of UTF-8. */
  REASON_BYTES_MAX: 200,
  /** Longest text that a category has for its customers, in bytes of UTF-8. */
  NOTICE_BYTES_MAX: 1000,
  /** Longest label of a status, in bytes of UTF-8. */
  LABEL_BYTES_MAX: 40,
  /** Most skills that a customer may ask for. */
  OPEN_SKILLS_MAX: 8,
  /** Longest words of a refusal, in bytes of UTF-8. */
  DETAIL_BYTES_MAX: 400,
  /** Longest category name, in bytes of UTF-8. */
  CATEGORY_BYTES_MAX: 40,
  /** Longest token, in bytes. */
  TOKEN_BYTES_MAX: 1024,
  /** Longest password, in bytes of UTF-8. */
  PASSWORD_BYTES_MAX: 256,
  /** Most events in one page. */
  PAGE_EVENTS_MAX: 200,
  /** Most bytes of encoded events in one page; a single larger event is a page of its own. */
  PAGE_BYTES_MAX: 65536,
  /** Most streams of one ticket. */
  STREAMS_PER_TICKET_MAX: 1024,
  /** The numbers of a stream whose first acknowledgement a repeat gets again. */
  STREAM_MEMORY: 32,
  /** A stream that was idle for this long gives way to a new one when the ticket has no place, in milliseconds. */
  STREAM_IDLE_MS: 86400000,
  /** Most members of one ticket, the customer included. */
  MEMBERS_PER_TICKET_MAX: 1000,
  /** Most notes and whispers of one ticket; one more is refused. */
  NOTES_PER_TICKET_MAX: 4096,
  /** Most beginnings and ends of watching in one ticket's log; who would begin one more is refused. */
  WATCHES_PER_TICKET_MAX: 4096,
  /** Most people who ignore one waiting ticket; one more is refused. */
  IGNORED_BY_MAX: 64,
  /** Most colleagues asked into one ticket at once; one more is refused. */
  CONSULTED_PER_TICKET_MAX: 8,
  /** Longest title of a discussion, in bytes of UTF-8. */
  TITLE_BYTES_MAX: 80,
  /** Discussions named in one answer to a list. */
  DISCUSSION_LINES_MAX: 50,
  /** Most discussions of the engine. */
  DISCUSSIONS_MAX: 1000,
  /** Most moderations in one discussion's log, deleted posts among them; one more is refused. */
  MODERATIONS_PER_DISCUSSION_MAX: 65536,
  /** Most streams of one discussion. */
  STREAMS_PER_DISCUSSION_MAX: 8192,
  /** With more connections than this in a discussion nobody is told who types. */
  TYPING_CONNECTIONS_MAX: 25,
  /** Longest time of a mute that ends, and longest pause of slow mode, in seconds. */
  MODERATION_SECONDS_MAX: 31536000,
  /** How many are in a discussion is told at most once in this time, in milliseconds. */
  CROWD_EVERY_MS: 1000,
  /** Most open tickets of one customer. */
  OPEN_TICKETS_PER_CUSTOMER_MAX: 10,
  /** Most tickets named in one `welcome`. */
  WELCOME_TICKETS_MAX: 100,
  /** Most agents, or tickets, that one answer about routing looks at one by one; the others are counted. */
  ROUTING_LINES_MAX: 32,
  /** Most agents, or categories, in one frame of the floor view; the others follow in further ones. */
  FLOOR_LINES_MAX: 400,
  /** Most tickets that one act names. */
  BULK_TICKETS_MAX: 500,
  /** Most minutes that a what-if looks ahead. */
  WHAT_IF_MINUTES_MAX: 240,
  /** Most agents that a what-if adds. */
  WHAT_IF_AGENTS_MAX: 1000,
  /** Most categories that a what-if lets another help out. */
  WHAT_IF_OVERFLOWS_MAX: 16,
  /** Most skills that a ticket asks for at a time: its own beside its category's. */
  ASKED_SKILLS_MAX: 16,
  /** Most tickets one connection may have joined at once. */
  JOINED_PER_CONNECTION_MAX: 256,
  /** Frames of one connection that may be accepted and not yet answered. One that asks for a page counts as half of them, in JSON as all. */
  IN_FLIGHT_FRAMES_MAX: 32,
  /** Frames that may wait for one connection that does not read; one more and it is cut off. */
  OUTBOX_FRAMES_MAX: 256,
  /** Bytes that may wait for one connection that does not read; more and it is cut off. With more than a page waiting it is not read itself, so nobody is cut off for what he asks for. */
  OUTBOX_BYTES_MAX: 262144,
  /** Open sockets of one person; one more cuts the oldest. */
  SOCKETS_PER_PERSON_MAX: 16,
  /** Longest time that an agent may add to a wrap-up at once, in seconds. */
  WRAP_UP_SECONDS_MAX: 3600,
  /** Most canned replies of one desk. */
  CANNED_REPLIES_MAX: 1000,
  /** Longest canned reply as it is written, in bytes of UTF-8. */
  CANNED_TEXT_BYTES_MAX: 4096,
  /** Most placeholders in one canned reply. */
  CANNED_PLACEHOLDERS_MAX: 32,
  /** Most canned replies in one answer, which holds at most a page's bytes too. */
  CANNED_PAGE_MAX: 32,
  /** Notices that are kept for one person; a newer one takes the place of the oldest. */
  NOTICES_KEPT_MAX: 64,
  /** Most notices in one answer. */
  NOTICES_PAGE_MAX: 32,
  /** A client has this long to send its first frame, in milliseconds. */
  FIRST_FRAME_MS: 10000,
  /** A connection that was silent for this long is pinged, in milliseconds. */
  PING_AFTER_MS: 20000,
  /** A connection that was silent for this long, ping and all, is cut off, in milliseconds. */
  SILENT_AFTER_MS: 45000,
  /** A client sends what is unacknowledged again after this long, in milliseconds. */
  RESEND_AFTER_MS: 5000,
  /** One person's typing is forwarded at most once in this time, in milliseconds. */
  TYPING_EVERY_MS: 1000,
} as const;

export const CLOSURE_WORDS = ["closed", "ending", "nobody", "full", "queue_full"] as const;
export type Closure = (typeof CLOSURE_WORDS)[number];

export const CONSULT_MANNER_WORDS = ["notes", "talk", "end"] as const;
export type ConsultManner = (typeof CONSULT_MANNER_WORDS)[number];

export const FLOOR_PART_WORDS = ["agents", "categories"] as const;
export type FloorPart = (typeof FLOOR_PART_WORDS)[number];

export const MANNER_WORDS = ["at_once", "if_accepted", "beyond_limit"] as const;
export type Manner = (typeof MANNER_WORDS)[number];

export const MEMBER_STATE_WORDS = ["in", "moderates", "out"] as const;
export type MemberState = (typeof MEMBER_STATE_WORDS)[number];

export const MODERATION_ACT_WORDS = ["mute", "unmute", "remove", "ban", "unban", "delete_post", "slow_mode", "appoint", "dismiss"] as const;
export type ModerationAct = (typeof MODERATION_ACT_WORDS)[number];

export const NOTE_KIND_WORDS = ["note", "whisper"] as const;
export type NoteKind = (typeof NOTE_KIND_WORDS)[number];

export const NOTICE_WORD_WORDS = ["accepted", "rejected", "transferred", "closed", "given", "taken_away", "whispered", "evaluated"] as const;
export type NoticeWord = (typeof NOTICE_WORD_WORDS)[number];

export const OBSTACLE_WORDS = ["turn", "chosen", "by_hand", "kept_for_another", "other_category", "skill", "gone", "away", "full", "team_full", "declined", "ignored"] as const;
export type Obstacle = (typeof OBSTACLE_WORDS)[number];

export const OFFER_EXIT_WORDS = ["accepted", "declined", "lapsed", "rescinded"] as const;
export type OfferExit = (typeof OFFER_EXIT_WORDS)[number];

export const PHASE_WORDS = ["live", "asynchronous"] as const;
export type Phase = (typeof PHASE_WORDS)[number];

export const PHASE_WISH_WORDS = ["fitting", "live", "asynchronous"] as const;
export type PhaseWish = (typeof PHASE_WISH_WORDS)[number];

export const PRIORITY_WORDS = ["low", "normal", "high", "urgent"] as const;
export type Priority = (typeof PRIORITY_WORDS)[number];

export const QUEUE_EXIT_WORDS = ["assigned", "abandoned", "ended", "moved", "ignored"] as const;
export type QueueExit = (typeof QUEUE_EXIT_WORDS)[number];

export const ROLE_WORDS = ["customer", "agent", "supervisor", "admin"] as const;
export type Role = (typeof ROLE_WORDS)[number];

export const ROUTING_WORDS = ["automatic", "picked", "offered", "transferred", "by_hand", "taken_over", "escalated"] as const;
export type Routing = (typeof ROUTING_WORDS)[number];

export const SILENCE_LEVEL_WORDS = ["warned", "escalated"] as const;
export type SilenceLevel = (typeof SILENCE_LEVEL_WORDS)[number];

export const STAFF_ACT_WORDS = ["transfer", "assign", "take_over", "extend_wrap_up", "end_wrap_up", "transfer_to_category", "escalate", "end_escalation", "ignore", "end_ignore", "assign_beyond_limit", "consult", "consult_talk", "end_consult"] as const;
export type StaffAct = (typeof STAFF_ACT_WORDS)[number];

export const STAGE_NAME_WORDS = ["waiting", "assigned", "pending", "on_hold", "closed", "rejected", "abandoned", "reopened"] as const;
export type StageName = (typeof STAGE_NAME_WORDS)[number];

export const STATUS_WORDS = ["available", "away", "busy", "not_responding", "offline"] as const;
export type Status = (typeof STATUS_WORDS)[number];

export const STEP_WORDS = ["close", "reject", "abandon", "hold", "resume", "pend", "reopen", "requeue"] as const;
export type Step = (typeof STEP_WORDS)[number];

export const TAKEN_BACK_WORDS = ["requeue", "redistribute"] as const;
export type TakenBack = (typeof TAKEN_BACK_WORDS)[number];

export const TELL_CAUSE_WORDS = ["wait_too_long", "closed", "nobody", "silent"] as const;
export type TellCause = (typeof TELL_CAUSE_WORDS)[number];

/** A skill that a ticket asks for. */
export interface SkillAsked {
  /** Its number. */
  skill: number;
  /** The lowest level that will do, 1 to 5. */
  level: number;
}

/** A category that is to help out another. */
export interface OverflowAsked {
  /** Whose tickets, by name. */
  of: string;
  /** Who helps out, by name. */
  to: string;
  /** With tickets that have waited for so long, in seconds. */
  after_s: number;
}

/** A ticket in a list of them. */
export interface TicketNamed {
  /** The ticket. */
  ticket: string;
}

/** One ticket in a list. */
export interface TicketLine {
  /** The ticket. */
  ticket: string;
  /** Where it is in its life. */
  stage: StageName;
}

/** One who took part in a ticket. */
export interface Member {
  /** His display name. */
  name: string;
  /** What he is. */
  role: Role;
}

/** One who is or was in a discussion. */
export interface Participant {
  /** His display name. */
  name: string;
  /** What he is. */
  role: Role;
  /** Whether he is in it. */
  state: MemberState;
}

/** One discussion in a list. */
export interface DiscussionLine {
  /** The discussion. */
  ticket: string;
  /** Its title. */
  title: string;
  /** What it is about. */
  topic: string;
  /** Its founder's display name. */
  founder: string;
  /** When it was founded. */
  at: number;
}

/** How far one member has read. */
export interface ReadMark {
  /** Index of the member. */
  author: number;
  /** The last event that he has read, in the numbers of whoever is told this. */
  seq: number;
}

/** One notice of a person's list. */
export interface NoticeLine {
  /** Its number in the list; higher ones are newer. */
  number: number;
  /** What happened. */
  what: NoticeWord;
  /** The ticket it is about; 0 where it is about none. */
  ticket: string;
  /** When. */
  at: number;
  /** Whether it is marked as read. */
  read: boolean;
  /** Who did it, by display name; empty for the engine. */
  by: string;
  /** The reason, or what it is about. */
  detail: string;
}

/** One agent, and why a ticket is or is not his. */
export interface RoutingLine {
  /** Who. */
  agent: string;
  /** His display name. */
  name: string;
  /** What keeps it from him. */
  obstacle: Obstacle;
  /** The skill he lacks, where it is that; else 0. */
  skill: number;
  /** The level that it is asked at, where it is that; else 0. */
  level: number;
  /** Until when he is passed over, where he declined; else 0. */
  until: number;
  /** His slots used: the fewer, the sooner his turn. */
  used: number;
  /** Since when he has been given nothing: the earlier, the sooner his turn among those with as many used. */
  idle_since: number;
}

/** How many agents one thing keeps a ticket from. */
export interface ObstacleCount {
  /** What. */
  obstacle: Obstacle;
  /** How many. */
  agents: number;
}

/** One waiting ticket, and what keeps it from an agent. */
export interface MyRoutingLine {
  /** The ticket. */
  ticket: string;
  /** The category whose queue it is first of. */
  category: string;
  /** What keeps it from him. */
  obstacle: Obstacle;
  /** The skill he lacks, where it is that; else 0. */
  skill: number;
  /** The level that it is asked at, where it is that; else 0. */
  level: number;
  /** Until when he is passed over, where he declined; else 0. */
  until: number;
  /** How many wait in that queue. */
  waiting: number;
}

/** One agent as the floor view shows him. His slots are counted by what they are used for. */
export interface FloorAgent {
  /** Who. */
  agent: string;
  /** His display name. */
  name: string;
  /** His team's number; 0 for none. */
  team: number;
  /** Whether he takes new tickets. */
  status: Status;
  /** Since when; 0 where nobody has seen it change since the queue's last start. */
  since: number;
  /** Whether he has a connection. */
  here: boolean;
  /** Live chats that he may have at once. */
  live: number;
  /** Of these offered to him or on their way. */
  live_offered: number;
  /** Of these that he has. */
  live_active: number;
  /** Of these that he set aside. */
  live_held: number;
  /** Of these that he writes up. */
  live_wrap_up: number;
  /** Asynchronous tickets that he may have at once. */
  asynchronous: number;
  /** Of these offered to him or on their way. */
  asynchronous_offered: number;
  /** Of these that he has. */
  asynchronous_active: number;
  /** Of these that he set aside. */
  asynchronous_held: number;
  /** Of these that he writes up. */
  asynchronous_wrap_up: number;
}

/** An agent in a list of them. */
export interface AgentNamed {
  /** Who. */
  agent: string;
}

/** One category as the floor view shows it. What is counted is counted over the window, of live tickets, each by how its first wait ended. */
export interface FloorCategory {
  /** Its name. */
  category: string;
  /** Live tickets that wait. */
  waiting_live: number;
  /** Asynchronous tickets that wait. */
  waiting_asynchronous: number;
  /** When the one that waits longest came; 0 where none waits. */
  oldest: number;
  /** Agents who serve it, are here and take new tickets. */
  on_duty: number;
  /** Of these, those with a free live slot. */
  free: number;
  /** Used live slots of those on duty, in thousandths of all that they have; 0 where nobody is. */
  occupancy: number;
  /** Within this time an agent should be there, in seconds. */
  answer_within_s: number;
  /** Tickets whose agent came. */
  answered: number;
  /** Of these, in that time. */
  in_time: number;
  /** Tickets whose customer left before. */
  abandoned: number;
  /** Of these, within five seconds. */
  abandoned_short: number;
  /** in_time / (answered + abandoned), in thousandths; 1000 where nothing is counted. */
  service_level: number;
  /** in_time / (answered + abandoned - abandoned_short), likewise. */
  service_level_without_short: number;
  /** abandoned / (answered + abandoned), in thousandths; 0 where nothing is counted. */
  abandonment: number;
}

/** One minute of a floor that was run forward; the mean of several runs. */
export interface WhatIfMinute {
  /** Tickets that wait at its end, in hundredths. */
  waiting: number;
  /** How long the one that waits longest has waited at its end, in seconds. */
  oldest_s: number;
  /** Tickets that got their agents, in hundredths. */
  served: number;
  /** Of these, those who waited at most 20 seconds, in hundredths. */
  in_time: number;
  /** Tickets whose customers left, in hundredths. */
  abandoned: number;
}

/** What became of one ticket of many. */
export interface ItemResult {
  /** The ticket. */
  ticket: string;
  /** 0 for done, else a refusal's number. */
  code: number;
}

/** A canned reply, filled in. */
export interface CannedLine {
  /** Its number. */
  id: number;
  /** What it is called. */
  title: string;
  /** What it says. */
  text: string;
}

/** The first frame: who I am. Not sent where the address carried `?token=`. */
export interface Hello {
  kind: "hello";
  /** A staff token from sign-in or a customer's resume token; empty makes a new customer. */
  token: string;
  /** A new customer's display name. */
  name: string;
  /** A new customer's e-mail address; a claim, never proof. */
  email: string;
}

/** A customer starts a chat; answered by `ticket_ready`. The same key gives the same ticket again. */
export interface Open {
  kind: "open";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** 128 random bits made for this chat; a repeat after a lost answer uses it again. */
  key: string;
  /** The category's name. */
  category: string;
  /** How soon it should be served. */
  priority: Priority;
  /** What it is about, in a line. */
  subject: string;
}

/** Hear a ticket: one page of what came after `after`, and once nothing is left, everything live. A page with `more` asks for another join after its last event. */
export interface Join {
  kind: "join";
  /** The ticket. */
  ticket: string;
  /** The stream this connection will post on. */
  stream: string;
  /** The last sequence seen, 0 for none; 4294967295 asks for the newest page. */
  after: number;
}

/** Stop hearing a ticket on this connection. Not answered. */
export interface Leave {
  kind: "leave";
  /** The ticket. */
  ticket: string;
}

/** Say something on the stream named in the join; answered by `acknowledged` or `refused`. */
export interface Post {
  kind: "post";
  /** The ticket. */
  ticket: string;
  /** The stream's next number: 1, 2, 3 … */
  number: number;
  /** What is said. */
  text: string;
}

/** I am typing; told to the others at most once a second, never kept. Not answered. */
export interface Typing {
  kind: "typing";
  /** The ticket. */
  ticket: string;
}

/** Older events; answered by `history`. */
export interface ReadBack {
  kind: "read_back";
  /** The ticket. */
  ticket: string;
  /** Events below this sequence, the nearest first in number, at most a page. */
  before: number;
}

/** Move a ticket through its life; answered by `done` or `refused`. */
export interface Advance {
  kind: "advance";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** What to do. */
  step: Step;
  /** The outcome of a close, the reason of a rejection. */
  reason: string;
}

/** An agent takes a waiting ticket by hand; answered by `done` or `refused`. */
export interface Pick {
  kind: "pick";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
}

/** An agent says whether he takes new tickets; answered by `done`. */
export interface SetStatus {
  kind: "set_status";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** From now on. */
  status: Status;
}

/** Staff watch the queue of their categories: its entries now, then its changes; answered by `done` first. */
export interface WatchQueue {
  kind: "watch_queue";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** Begin or end. */
  on: boolean;
}

/** Is the engine there? Answered by `pong`. For clients that cannot send a WebSocket ping. */
export interface Ping {
  kind: "ping";
  /** Comes back in the pong. */
  nonce: number;
}

/** A customer starts a chat or leaves a message, with more to say of it than `open`; answered by `ticket_ready`, `turned_away` or `refused`. The same key gives the same ticket again. */
export interface OpenWith {
  kind: "open_with";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** 128 random bits made for this ticket; a repeat after a lost answer uses it again. */
  key: string;
  /** The category's name. */
  category: string;
  /** How soon it should be served. */
  priority: Priority;
  /** A chat or a message. */
  phase: PhaseWish;
  /** What its agent should be able to do, as long as the category's rules let it ask. */
  skills: SkillAsked[];
  /** What it is about, in a line. */
  subject: string;
  /** The first message, if there is one: number 1 of the stream that the key names. */
  text: string;
}

/** A customer does not stay: his live ticket keeps its place and goes on as a message. Answered by `done` or `refused`. */
export interface LeaveMessage {
  kind: "leave_message";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
}

/** An agent says whether he takes new tickets, and what he calls that; answered by `done`. */
export interface SetStatusWith {
  kind: "set_status_with";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** From now on. */
  status: Status;
  /** A reason, or a name of his own for it; empty for none. */
  label: string;
}

/** Staff say something beside the talk, on the stream named in the join and numbered in common with its posts; answered by `acknowledged` or `refused`. No customer hears of it. */
export interface Note {
  kind: "note";
  /** The ticket. */
  ticket: string;
  /** A note, or a word to its agent. */
  note: NoteKind;
  /** The stream's next number: 1, 2, 3 … */
  number: number;
  /** What is said. */
  text: string;
}

/** I am typing a note; told to other staff at most once a second, never to a customer, never kept. Not answered. */
export interface NoteTyping {
  kind: "note_typing";
  /** The ticket. */
  ticket: string;
}

/** Who watches a ticket takes part in its talk from now on: a member whom all see. Answered by `done`. */
export interface TakePart {
  kind: "take_part";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
}

/** I have read this ticket up to here; who takes part is shown it. Answered by `done` once it is kept, or `refused`. */
export interface ReadUpTo {
  kind: "read_up_to";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** The last event seen, in one's own numbers. What is below an earlier mark changes nothing. */
  seq: number;
}

/** Staff ask for the canned replies that fit a ticket, filled in for it; answered by `canned_replies` or `refused`. */
export interface AskCanned {
  kind: "ask_canned";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** Those with a higher number than this, the lowest first. */
  after: number;
}

/** What was I told of? Answered by `notices` or `refused`. */
export interface AskNotices {
  kind: "ask_notices";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** Those with a lower number than this, the newest first; 0 for the newest of all. */
  before: number;
}

/** I have seen one of my notices, or all. Answered by `done` once it is kept, or `refused`. */
export interface MarkNotices {
  kind: "mark_notices";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** Which; 0 for all. One that is not kept any more changes nothing. */
  number: number;
}

/** An agent answers an offer; answered by `done` or `refused`. */
export interface AnswerOffer {
  kind: "answer_offer";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** The offer's number. */
  offer: number;
  /** Whether he takes it. */
  accept: boolean;
}

/** Give a ticket to an agent: its owner to a colleague, a supervisor to anybody. Answered by `done` or `refused`. */
export interface Transfer {
  kind: "transfer";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** To whom. */
  agent: string;
  /** Why. */
  reason: string;
}

/** A supervisor takes a ticket from whoever has it. Answered by `done` or `refused`. */
export interface TakeOver {
  kind: "take_over";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** Why. */
  reason: string;
}

/** An agent has written a ticket up, or needs longer. Answered by `done` or `refused`. */
export interface SetWrapUp {
  kind: "set_wrap_up";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** From now, in seconds, at most an hour; 0 ends it. */
  more_s: number;
}

/** Its owner, or a supervisor, gives a ticket to another category, where it waits. Answered by `done` or `refused`. */
export interface TransferToCategory {
  kind: "transfer_to_category";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** The category's name. */
  category: string;
  /** Why; its customer is not told. */
  reason: string;
}

/** Its agent hands a ticket to the first supervisor who is free; he has it till then. Answered by `done` or `refused`. */
export interface Escalate {
  kind: "escalate";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** Whether a supervisor is to have it, or need not any more. */
  on: boolean;
  /** Why; its customer is not told. */
  reason: string;
}

/** A waiting ticket leaves one's own view and is not one's to get while it waits. Answered by `done` or `refused`. */
export interface Ignore {
  kind: "ignore";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** From now on, or no more. */
  on: boolean;
}

/** Its owner, or a supervisor who oversees it, asks a colleague in; it stays its owner's. Answered by `done` or `refused`. The colleague ends it by naming himself. */
export interface Consult {
  kind: "consult";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** Whom: an agent who serves its category, or a supervisor. */
  agent: string;
  /** Into what, or no more. */
  manner: ConsultManner;
  /** Why; its customer is not told. */
  reason: string;
}

/** As `transfer`; where the agent is asked, `done` says that he is, and `transfer_answered` what he said. */
export interface HandOver {
  kind: "hand_over";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** To whom; oneself to take it. */
  agent: string;
  /** How. */
  manner: Manner;
  /** Why. */
  reason: string;
}

/** A supervisor watches the floor: the agents and categories that he oversees as they are, then at most once a second what has changed, as `floor_agents` and `floor_categories`. Answered by `done` first. */
export interface WatchFloor {
  kind: "watch_floor";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** Begin or end. */
  on: boolean;
}

/** A supervisor asks what the floor would come to if it ran on from now, with changes; answered by `what_if_answer` or `refused`. One at a time of a person. */
export interface WhatIf {
  kind: "what_if";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** How far to look ahead, 1 to 240. */
  minutes: number;
  /** So many more agents at work, each like one who is; at most 1,000. */
  agents_more: number;
  /** Live slots of every agent at work, at most 1,000; 0 for what they have. */
  slots: number;
  /** Categories that help out others. */
  overflow: OverflowAsked[];
}

/** A supervisor says whether an agent takes new tickets; answered by `done` or `refused`. */
export interface SetAgentStatus {
  kind: "set_agent_status";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** Whose. */
  agent: string;
  /** From now on. */
  status: Status;
  /** Why. */
  reason: string;
}

/** A supervisor signs an agent out: he is offline, his offers are taken back, his live tickets go back to the queue at once, and his connections are closed. Answered by `results`, of these tickets, or `refused`. */
export interface SignOut {
  kind: "sign_out";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** Whom. */
  agent: string;
  /** Why. */
  reason: string;
}

/** A supervisor takes all tickets from an agent; answered by `results` or `refused`. */
export interface TakeBack {
  kind: "take_back";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** From whom. */
  agent: string;
  /** What becomes of them. */
  taken: TakenBack;
  /** Why. */
  reason: string;
}

/** Staff ask why a ticket has this agent, or none; answered by `routing_explained` or `refused`. */
export interface AskRouting {
  kind: "ask_routing";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The ticket. */
  ticket: string;
}

/** An agent asks why he gets nothing; answered by `my_routing`. */
export interface AskMyRouting {
  kind: "ask_my_routing";
  /** Chosen by the client; the answer carries it. */
  request: number;
}

/** A supervisor closes tickets, each as if alone; answered by `results` or `refused`. */
export interface CloseTickets {
  kind: "close_tickets";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** Which; one that is named twice is asked once. */
  tickets: TicketNamed[];
  /** The outcome. */
  reason: string;
}

/** A supervisor of a team says what all its agents together may have at once; answered by `done` or `refused`. */
export interface SetTeamSlots {
  kind: "set_team_slots";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** Its number. */
  team: number;
  /** Live chats; 65535 for no limit. */
  live: number;
  /** Asynchronous tickets; 65535 for no limit. */
  asynchronous: number;
}

/** A supervisor looks at the floor once; answered by `floor_agents` or `floor_categories`, or `refused`. */
export interface AskFloor {
  kind: "ask_floor";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** Which part. */
  part: FloorPart;
  /** Which page of it, from 0. */
  page: number;
}

/** A supervisor or admin founds a discussion; answered by `ticket_ready`. The same key gives the same one again. */
export interface Found {
  kind: "found";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** 128 random bits made for this discussion; a repeat after a lost answer uses it again. */
  key: string;
  /** Its title. */
  title: string;
  /** What it is about. */
  topic: string;
  /** A member may post once in so many seconds; 0 for as often as he likes. */
  slow_s: number;
}

/** Which discussions are there; answered by `discussions`. */
export interface ListDiscussions {
  kind: "list_discussions";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The last discussion of the page before; 0 for the first page. */
  after: string;
}

/** Moderate a discussion; answered by `done` or `refused`. Each act takes the fields that it needs. */
export interface Moderate {
  kind: "moderate";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The discussion. */
  ticket: string;
  /** What is done. */
  act: ModerationAct;
  /** To whom: an index into the members; of no meaning to the acts on a post or on all. */
  member: number;
  /** The post, for its deletion; else 0. */
  seq: number;
  /** For how long, of a mute (0: for ever); the pause of slow mode. */
  seconds: number;
  /** Why. He whom it concerns is told. */
  reason: string;
}

/** Become a member of a discussion, as a join does; answered by `done` or `refused`. */
export interface Enter {
  kind: "enter";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The discussion. */
  ticket: string;
}

/** Cease to be a member of a discussion; answered by `done` or `refused`. To stop hearing it is `leave`. */
export interface Depart {
  kind: "depart";
  /** Chosen by the client; the answer carries it. */
  request: number;
  /** The discussion. */
  ticket: string;
}

/** What clients send. */
export type ClientFrame =
  | Hello
  | Open
  | Join
  | Leave
  | Post
  | Typing
  | ReadBack
  | Advance
  | Pick
  | SetStatus
  | WatchQueue
  | Ping
  | OpenWith
  | LeaveMessage
  | SetStatusWith
  | Note
  | NoteTyping
  | TakePart
  | ReadUpTo
  | AskCanned
  | AskNotices
  | MarkNotices
  | AnswerOffer
  | Transfer
  | TakeOver
  | SetWrapUp
  | TransferToCategory
  | Escalate
  | Ignore
  | Consult
  | HandOver
  | WatchFloor
  | WhatIf
  | SetAgentStatus
  | SignOut
  | TakeBack
  | AskRouting
  | AskMyRouting
  | CloseTickets
  | SetTeamSlots
  | AskFloor
  | Found
  | ListDiscussions
  | Moderate
  | Enter
  | Depart;

/** The answer to hello. */
export interface Welcome {
  kind: "welcome";
  /** Who you are. */
  person: string;
  /** What you are. */
  role: Role;
  /** Your display name. */
  name: string;
  /** A new customer's resume token: whoever has it is that customer. Empty for all others. */
  token: string;
  /** The store's epoch; another one than last time means that history was really lost: drop your copies. */
  epoch: string;
  /** The engine's clock. */
  now: number;
  /** A customer's open tickets. Empty for staff: each ticket that an agent has follows as `yours`. */
  tickets: TicketLine[];
}

/** No. Names what it answers: a request, or a ticket and a post's number, or a ticket alone. */
export interface Refused {
  kind: "refused";
  /** The request, or 0. */
  request: number;
  /** The ticket, or 0. */
  ticket: string;
  /** The post's number, or 0. */
  number: number;
  /** The refusal's number: 100–199 final, 200–299 retryable. */
  code: number;
  /** Try again after this many milliseconds; 0 where it is final. */
  retry_ms: number;
  /** The stream's next number, where the refusal is about order; else 0. */
  expected: number;
  /** For people. */
  detail: string;
}

/** The request was carried out and is on disk. */
export interface Done {
  kind: "done";
  /** The request. */
  request: number;
}

/** The post is on disk. On the connection that posted it stands in place of the event; others get that. */
export interface Acknowledged {
  kind: "acknowledged";
  /** The ticket. */
  ticket: string;
  /** The post's number in its stream. */
  number: number;
  /** Its place in the ticket. */
  seq: number;
  /** When. */
  at: number;
}

/** Somebody said something. */
export interface Message {
  kind: "message";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket. */
  seq: number;
  /** When. */
  at: number;
  /** Who: an index into the ticket's members. */
  author: number;
  /** What. */
  text: string;
}

/** You said something, perhaps in another tab; counts as the acknowledgement. */
export interface OwnMessage {
  kind: "own_message";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket. */
  seq: number;
  /** When. */
  at: number;
  /** Your index in the ticket's members. */
  author: number;
  /** The stream it was posted on. */
  stream: string;
  /** Its number there. */
  number: number;
  /** What. */
  text: string;
}

/** You hear this ticket now; the page that follows is the last, what comes then is live. */
export interface Joined {
  kind: "joined";
  /** The ticket. */
  ticket: string;
  /** The newest sequence on disk. */
  head: number;
  /** Where it is in its life. */
  stage: StageName;
  /** Its category's name. */
  category: string;
  /** What it is about. */
  subject: string;
  /** Everybody who ever took part, in the order of their index. */
  members: Member[];
  /** The last number your stream has on disk; 0 for a stream the ticket does not know. */
  stream_head: number;
}

/** Events in order, gapless, beginning after the join's `after`. Staff get `staff_page` in its place. */
export interface Page {
  kind: "page";
  /** The ticket. */
  ticket: string;
  /** The newest sequence on disk. */
  head: number;
  /** Whether the client must join again after the last of these. */
  more: boolean;
  /** The events. */
  events: EventFrame[];
}

/** The answer to read back: events in order, gapless, ending just below `before`. Staff get `staff_history`. */
export interface History {
  kind: "history";
  /** The ticket. */
  ticket: string;
  /** The `before` of the request. */
  before: number;
  /** Whether there are older ones. */
  more: boolean;
  /** The events. */
  events: EventFrame[];
}

/** The ticket began; its customer is member 0. */
export interface Opened {
  kind: "opened";
  /** The ticket. */
  ticket: string;
  /** Always 1. */
  seq: number;
  /** When. */
  at: number;
  /** The customer's display name. */
  name: string;
  /** Its category's name. */
  category: string;
  /** How soon it should be served. */
  priority: Priority;
  /** What it is about. */
  subject: string;
}

/** An agent has the ticket; both sides may talk. */
export interface Assigned {
  kind: "assigned";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket. */
  seq: number;
  /** When. */
  at: number;
  /** The agent's index in the ticket's members. */
  member: number;
  /** The agent's display name. */
  name: string;
  /** How it came to him. */
  routing: Routing;
}

/** The ticket went a step through its life. */
export interface Advanced {
  kind: "advanced";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket. */
  seq: number;
  /** When. */
  at: number;
  /** Who: an index into the members, or 65535 for the engine. */
  author: number;
  /** What was done. */
  step: Step;
  /** Where the ticket is now. */
  stage: StageName;
  /** The outcome or reason. */
  reason: string;
}

/** Somebody types. Not kept. */
export interface TypingNow {
  kind: "typing_now";
  /** The ticket. */
  ticket: string;
  /** Who. */
  author: number;
}

/** Somebody came to the ticket with his first connection, or left it with his last. Not kept. */
export interface Presence {
  kind: "presence";
  /** The ticket. */
  ticket: string;
  /** Who. */
  author: number;
  /** Came or left. */
  here: boolean;
}

/** Your place in the queue, on change, at most once a second. */
export interface Position {
  kind: "position";
  /** The ticket. */
  ticket: string;
  /** Tickets that would be served before it now, plus one; it may rise. */
  position: number;
  /** The estimated wait in seconds. */
  wait_s: number;
}

/** The answer to open: the ticket is on disk. */
export interface TicketReady {
  kind: "ticket_ready";
  /** The request. */
  request: number;
  /** The ticket. */
  ticket: string;
}

/** The engine goes down; the connection will close. Come back after this long. */
export interface Goodbye {
  kind: "goodbye";
  /** Milliseconds; spread by the engine so that not all come at once. */
  retry_ms: number;
}

/** The answer to ping. */
export interface Pong {
  kind: "pong";
  /** That of the ping. */
  nonce: number;
}

/** Somebody became a member without having the ticket; his index is the next. */
export interface MemberAdded {
  kind: "member_added";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket. */
  seq: number;
  /** When. */
  at: number;
  /** His display name. */
  name: string;
  /** What he is. */
  role: Role;
}

/** The ticket went to another category, where it waits. */
export interface CategoryChanged {
  kind: "category_changed";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket. */
  seq: number;
  /** When. */
  at: number;
  /** The name of the category that it is in from now on. */
  category: string;
  /** Where it is in its life now. */
  stage: StageName;
}

/** An answer to an opening: nobody can serve it now, and there is no ticket. */
export interface TurnedAway {
  kind: "turned_away";
  /** The request. */
  request: number;
  /** Why. */
  cause: Closure;
  /** When the category opens next; 0 where it is open, or nobody knows. */
  opens: number;
  /** Whether this customer may open the ticket as a message instead: his e-mail address is known. */
  may_leave_message: boolean;
  /** What the category has to say to that. */
  text: string;
}

/** The engine said something to the customer; each cause once a wait, or once a silence. */
export interface CustomerTold {
  kind: "customer_told";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket. */
  seq: number;
  /** When. */
  at: number;
  /** Why. */
  cause: TellCause;
  /** Whether waiting on makes sense. He may leave the queue in any case. */
  may_wait: boolean;
  /** Whether he may have the ticket go on as a message: his e-mail address is known. */
  may_leave_message: boolean;
  /** What the category has to say. */
  text: string;
}

/** The two sides are there at the same time no more (answers may come later, by mail), or again. */
export interface PhaseChanged {
  kind: "phase_changed";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket. */
  seq: number;
  /** When. */
  at: number;
  /** Who: an index into the members, or 65535 for the engine. */
  author: number;
  /** From now on. */
  phase: Phase;
  /** Why. */
  reason: string;
}

/** A discussion was founded; its founder is member 0. */
export interface Founded {
  kind: "founded";
  /** The discussion. */
  ticket: string;
  /** Always 1. */
  seq: number;
  /** When. */
  at: number;
  /** The founder's display name. */
  name: string;
  /** What he is. */
  role: Role;
  /** Its title. */
  title: string;
  /** What it is about. */
  topic: string;
  /** Most members that may be in it at once. */
  members_max: number;
  /** A member may post once in so many seconds; 0 for as often as he likes. */
  slow_s: number;
}

/** Somebody is in the discussion, for the first time or again. */
export interface Entered {
  kind: "entered";
  /** The discussion. */
  ticket: string;
  /** Its place in the discussion. */
  seq: number;
  /** When. */
  at: number;
  /** His index in the members: the next, or the one he had. */
  author: number;
  /** His display name. */
  name: string;
  /** What he is. */
  role: Role;
}

/** Somebody is no longer in the discussion: he left, or was put out. */
export interface Departed {
  kind: "departed";
  /** The discussion. */
  ticket: string;
  /** Its place in the discussion. */
  seq: number;
  /** When. */
  at: number;
  /** His index in the members. */
  author: number;
}

/** A post was deleted: forget its text. It is shown with an empty text from now on. */
export interface PostDeleted {
  kind: "post_deleted";
  /** The discussion. */
  ticket: string;
  /** Its place in the discussion. */
  seq: number;
  /** When. */
  at: number;
  /** The post's place. */
  target: number;
}

/** How often a member may post. */
export interface SlowMode {
  kind: "slow_mode";
  /** The discussion. */
  ticket: string;
  /** Its place in the discussion. */
  seq: number;
  /** When. */
  at: number;
  /** Once in so many seconds; 0 for as often as he likes. */
  seconds: number;
}

/** What `joined` is for a ticket: you hear this discussion now, and are a member. */
export interface DiscussionJoined {
  kind: "discussion_joined";
  /** The discussion. */
  ticket: string;
  /** The newest sequence on disk. */
  head: number;
  /** Its title. */
  title: string;
  /** What it is about. */
  topic: string;
  /** Most members that may be in it at once. */
  members_max: number;
  /** A member may post once in so many seconds; 0 for as often as he likes. */
  slow_s: number;
  /** Everybody who ever was a member, in the order of their index. */
  members: Participant[];
  /** How many people are connected to it now. */
  here: number;
  /** Whether you moderate it. */
  moderates: boolean;
  /** Until when you may say nothing; 0 where you may, 281474976710655 for ever. */
  muted_until: number;
  /** The last number your stream has on disk; 0 for a stream the discussion does not know. */
  stream_head: number;
}

/** The answer to a list: discussions in the order of their ids. */
export interface Discussions {
  kind: "discussions";
  /** The request. */
  request: number;
  /** Some of them. */
  lines: DiscussionLine[];
  /** Whether there are more, after the last of these. */
  more: boolean;
}

/** How many people are connected to a discussion, on change, at most once a second. Not kept. */
export interface Crowd {
  kind: "crowd";
  /** The discussion. */
  ticket: string;
  /** So many. */
  here: number;
}

/** Something was done about you in a discussion; nobody but staff hears of it. */
export interface ModeratedYou {
  kind: "moderated_you";
  /** The discussion. */
  ticket: string;
  /** What. */
  act: ModerationAct;
  /** Until when, of a mute; 281474976710655 for ever, else 0. */
  until: number;
  /** Why. */
  reason: string;
}

/** How far members have read: all who have read anything, behind `joined`, and then each whose mark has moved. */
export interface ReadMarks {
  kind: "read_marks";
  /** The ticket. */
  ticket: string;
  /** Each member's last event read. */
  marks: ReadMark[];
}

/** Something concerns you: it stands in your list now. Told to each of your connections. */
export interface Notified {
  kind: "notified";
  /** Its number in your list; higher ones are newer. */
  number: number;
  /** What happened. */
  what: NoticeWord;
  /** The ticket it is about; 0 where it is about none. */
  ticket: string;
  /** When. */
  at: number;
  /** Who did it, by display name; empty for the engine. */
  by: string;
  /** The reason, or what it is about. */
  detail: string;
  /** How many notices you have not marked as read. */
  unread: number;
}

/** The answer to `ask_notices`. */
export interface Notices {
  kind: "notices";
  /** The `request` of the question. */
  request: number;
  /** How many of all you have not marked as read. */
  unread: number;
  /** Whether there are older ones. */
  more: boolean;
  /** Some, the newest first. */
  notices: NoticeLine[];
}

/** You have marked notices as read, perhaps in another tab. */
export interface NoticesRead {
  kind: "notices_read";
  /** Which; 0 for all. */
  number: number;
  /** How many are left. */
  unread: number;
}

/** What the engine sends to anybody. */
export type PublicFrame =
  | Welcome
  | Refused
  | Done
  | Acknowledged
  | Message
  | OwnMessage
  | Joined
  | Page
  | History
  | Opened
  | Assigned
  | Advanced
  | TypingNow
  | Presence
  | Position
  | TicketReady
  | Goodbye
  | Pong
  | MemberAdded
  | CategoryChanged
  | TurnedAway
  | CustomerTold
  | PhaseChanged
  | Founded
  | Entered
  | Departed
  | PostDeleted
  | SlowMode
  | DiscussionJoined
  | Discussions
  | Crowd
  | ModeratedYou
  | ReadMarks
  | Notified
  | Notices
  | NoticesRead;

/** A ticket waits in a category of yours. */
export interface QueueEntry {
  kind: "queue_entry";
  /** The ticket. */
  ticket: string;
  /** Its category's name. */
  category: string;
  /** How soon it should be served. */
  priority: Priority;
  /** When it began to wait. */
  since: number;
  /** The customer's display name. */
  name: string;
  /** What it is about. */
  subject: string;
}

/** A ticket waits no longer. */
export interface QueueGone {
  kind: "queue_gone";
  /** The ticket. */
  ticket: string;
  /** Why. */
  exit: QueueExit;
}

/** A ticket is yours: join it. */
export interface Yours {
  kind: "yours";
  /** The ticket. */
  ticket: string;
}

/** A ticket is no longer yours. */
export interface NotYours {
  kind: "not_yours";
  /** The ticket. */
  ticket: string;
}

/** How the desk sees you. */
export interface YourState {
  kind: "your_state";
  /** Whether you get tickets. */
  status: Status;
  /** How many you may have at once. */
  slots: number;
  /** How many you have. */
  active: number;
}

/** One of the staff said something beside the talk. */
export interface Noted {
  kind: "noted";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket's log. */
  seq: number;
  /** When. */
  at: number;
  /** A note, or a supervisor's word to the agent. */
  note: NoteKind;
  /** Who. He need not be a member. */
  person: string;
  /** His display name. */
  name: string;
  /** What he is. */
  role: Role;
  /** What. */
  text: string;
}

/** You said something beside the talk, perhaps in another tab; counts as the acknowledgement. */
export interface OwnNote {
  kind: "own_note";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket's log. */
  seq: number;
  /** When. */
  at: number;
  /** A note, or a word to the agent. */
  note: NoteKind;
  /** The stream it was posted on. */
  stream: string;
  /** Its number there. */
  number: number;
  /** What. */
  text: string;
}

/** Somebody who is no member began to watch, with his first connection. */
export interface WatchBegan {
  kind: "watch_began";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket's log. */
  seq: number;
  /** When. */
  at: number;
  /** Who. */
  person: string;
  /** His display name. */
  name: string;
}

/** He ceased to, with his last connection; after a fall of the engine this may be noticed late. */
export interface WatchEnded {
  kind: "watch_ended";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket's log. */
  seq: number;
  /** When that was noticed. */
  at: number;
  /** Who. */
  person: string;
  /** His display name. */
  name: string;
}

/** One of the staff types a note. Not kept. */
export interface NoteTypingNow {
  kind: "note_typing_now";
  /** The ticket. */
  ticket: string;
  /** Who. */
  person: string;
  /** His display name. */
  name: string;
}

/** What `page` is to a customer: events in order, gapless, in the numbers of the log. */
export interface StaffPage {
  kind: "staff_page";
  /** The ticket. */
  ticket: string;
  /** The newest sequence on disk. */
  head: number;
  /** Whether the client must join again after the last of these. */
  more: boolean;
  /** The events. */
  events: EventFrame[];
}

/** What `history` is to a customer: events in order, gapless, ending just below `before`. */
export interface StaffHistory {
  kind: "staff_history";
  /** The ticket. */
  ticket: string;
  /** The `before` of the request. */
  before: number;
  /** Whether there are older ones. */
  more: boolean;
  /** The events. */
  events: EventFrame[];
}

/** Somebody did something about the ticket that its customer is not told. */
export interface Acted {
  kind: "acted";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket's log. */
  seq: number;
  /** When. */
  at: number;
  /** Who; nobody for the engine. */
  person: string;
  /** His display name; empty for the engine. */
  name: string;
  /** What. */
  act: StaffAct;
  /** Whom it concerns, where it concerns somebody; else nobody. */
  agent: string;
  /** His display name. */
  agent_name: string;
  /** Until when, where there is an end; else 0. */
  until: number;
  /** Why. */
  reason: string;
}

/** A ticket waits for a supervisor, or does no longer. Told to those of them who watch the queue. */
export interface Escalation {
  kind: "escalation";
  /** The ticket. */
  ticket: string;
  /** Since when it does; 0 when it is over. */
  since: number;
  /** The ticket's category. */
  category: string;
  /** The customer's display name. */
  name: string;
  /** What it is about. */
  subject: string;
}

/** You are asked into somebody's ticket, or are no more: it was ended, or the ticket is yours, waits or is over. Said again to a new connection. */
export interface Consulted {
  kind: "consulted";
  /** The ticket. */
  ticket: string;
  /** Into what, or no more. */
  manner: ConsultManner;
  /** The ticket's category. */
  category: string;
  /** The customer's display name. */
  name: string;
  /** What it is about. */
  subject: string;
}

/** Another of the staff hears a ticket that you hear, or does no longer. Who watches it silently is told of none. Not kept. */
export interface StaffHere {
  kind: "staff_here";
  /** The ticket. */
  ticket: string;
  /** Who. */
  person: string;
  /** His display name. */
  name: string;
  /** Whether he hears it. */
  here: boolean;
}

/** What became of a ticket that you offered to somebody. */
export interface TransferAnswered {
  kind: "transfer_answered";
  /** The ticket. */
  ticket: string;
  /** Whom you offered it to. */
  agent: string;
  /** His display name. */
  name: string;
  /** What he said, or what came between. */
  exit: OfferExit;
}

/** The customer waits for an answer of the agent's for too long. */
export interface AgentSilent {
  kind: "agent_silent";
  /** The ticket. */
  ticket: string;
  /** Its place in the ticket's log. */
  seq: number;
  /** When that was noticed. */
  at: number;
  /** The agent. */
  agent: string;
  /** His display name. */
  name: string;
  /** What came of it. */
  level: SilenceLevel;
}

/** The same, to the agent when he is warned and to supervisors when they are told, whether they hear the ticket or not. Not kept. */
export interface SilenceAlarm {
  kind: "silence_alarm";
  /** The ticket. */
  ticket: string;
  /** The agent. */
  agent: string;
  /** His display name. */
  name: string;
  /** Which of the two. */
  level: SilenceLevel;
  /** Since when the customer waits for an answer. */
  since: number;
}

/** What you call your status. Follows `your_state` where there is a word for it, or was. */
export interface YourLabel {
  kind: "your_label";
  /** The status. */
  status: Status;
  /** A reason, or a name of your own; empty for none. */
  label: string;
}

/** Somebody moderated a discussion. Customers are told no more of it than what they see change. */
export interface Moderated {
  kind: "moderated";
  /** The discussion. */
  ticket: string;
  /** Its place in the discussion's log. */
  seq: number;
  /** When. */
  at: number;
  /** Who did it. */
  person: string;
  /** His display name. */
  name: string;
  /** What. */
  act: ModerationAct;
  /** Whom it concerns: an index into the members, or 65535. */
  author: number;
  /** The post's place, where it concerns a post; else 0. */
  target: number;
  /** Until when, of a mute; 281474976710655 for ever, else 0. */
  until: number;
  /** The pause of slow mode; else 0. */
  seconds: number;
  /** Why. */
  reason: string;
}

/** Will you have this ticket? Answer with `answer_offer` before it lapses. */
export interface Offered {
  kind: "offered";
  /** The ticket. */
  ticket: string;
  /** The offer's number, which the answer names. */
  offer: number;
  /** When it lapses. */
  until: number;
  /** The ticket's category. */
  category: string;
  /** How soon it should be served. */
  priority: Priority;
  /** When it began to wait. */
  since: number;
  /** The customer's display name. */
  name: string;
  /** What it is about. */
  subject: string;
}

/** An offer stands no more. */
export interface OfferGone {
  kind: "offer_gone";
  /** The ticket. */
  ticket: string;
  /** The offer's number. */
  offer: number;
  /** Why. */
  exit: OfferExit;
}

/** Everybody at work who could take this ticket has declined it. */
export interface AllDeclined {
  kind: "all_declined";
  /** The ticket. */
  ticket: string;
  /** Its category. */
  category: string;
}

/** Your slots, live and asynchronous: what you may have at once and what you have. Follows `your_state`. */
export interface YourSlots {
  kind: "your_slots";
  /** Live chats at once. */
  live: number;
  /** Of these used: offered, yours, held and in wrap-up. */
  live_used: number;
  /** Asynchronous tickets at once. */
  asynchronous: number;
  /** Of these used. */
  asynchronous_used: number;
}

/** You write a ticket up: its slot stays used until you say that you have done, or until then. */
export interface WrapUp {
  kind: "wrap_up";
  /** The ticket. */
  ticket: string;
  /** When it ends by itself; 0 when it has ended. */
  until: number;
}

/** Why a ticket has this agent, or none. The candidates are those of the decision if it has an agent, else those of now. */
export interface RoutingExplained {
  kind: "routing_explained";
  /** The `request` of the question. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** Who got it; 0 while it waits. */
  agent: string;
  /** How; of no meaning while it waits. */
  routing: Routing;
  /** When that was decided; while it waits, now. */
  at: number;
  /** Its position while it waits; else 0. */
  position: number;
  /** The category that helps out, if one does by then. */
  besides: string;
  /** What it asks for by then. */
  asks: SkillAsked[];
  /** When it asks for less, or another category helps out; 0 for never. */
  relaxes: number;
  /** Some of those who serve its category, in the order of their turns as far as they may take it. */
  candidates: RoutingLine[];
  /** All of them, by what keeps it from them. */
  counts: ObstacleCount[];
}

/** Why you get nothing, or not yet: the first ticket of each of your queues. */
export interface MyRouting {
  kind: "my_routing";
  /** The `request` of the question. */
  request: number;
  /** What keeps you from all of them; `turn` where nothing does. */
  obstacle: Obstacle;
  /** The first of each queue. */
  heads: MyRoutingLine[];
  /** Queues with tickets that are not among them. */
  more: number;
}

/** Agents whom you oversee: all of them page by page at first, then those who changed. */
export interface FloorAgents {
  kind: "floor_agents";
  /** The `request` of the question; 0 where you watch. */
  request: number;
  /** When this was so. */
  at: number;
  /** In no order. */
  agents: FloorAgent[];
  /** You oversee these no longer. */
  gone: AgentNamed[];
  /** Whether there are more of them. */
  more: boolean;
}

/** Categories that you oversee: all of them page by page at first, then those that changed. */
export interface FloorCategories {
  kind: "floor_categories";
  /** The `request` of the question; 0 where you watch. */
  request: number;
  /** When this was so. */
  at: number;
  /** The window that is counted over, in seconds; it ends with the current minute. */
  window_s: number;
  /** Since when there are counts, if that is later: they begin anew when the queue does. */
  counted_since: number;
  /** In no order. */
  categories: FloorCategory[];
  /** Whether there are more of them. */
  more: boolean;
}

/** What the floor would come to: the categories that you oversee, minute by minute. */
export interface WhatIfAnswer {
  kind: "what_if_answer";
  /** The `request` of the question. */
  request: number;
  /** How it would run on unchanged. */
  as_is: WhatIfMinute[];
  /** How it would with the changes. */
  changed: WhatIfMinute[];
  /** The part of those who would be served in time unchanged, those who leave counted as not; in thousandths. */
  service_level_as_is: number;
  /** The same with the changes. */
  service_level_changed: number;
}

/** What became of each ticket of an act on many. */
export interface Results {
  kind: "results";
  /** The `request` of the act. */
  request: number;
  /** In the order in which they were named. */
  items: ItemResult[];
}

/** A customer has begun a ticket that you may serve or supervise. Not kept: the queue says what waits. */
export interface NewTicket {
  kind: "new_ticket";
  /** The ticket. */
  ticket: string;
  /** Its category's name. */
  category: string;
  /** How soon it should be served. */
  priority: Priority;
  /** When it began. */
  since: number;
  /** The customer's display name. */
  name: string;
  /** What it is about. */
  subject: string;
}

/** The answer to `ask_canned`: replies filled in for the ticket, in the order of their numbers. */
export interface CannedReplies {
  kind: "canned_replies";
  /** The `request` of the question. */
  request: number;
  /** The ticket. */
  ticket: string;
  /** Whether there are more behind the last of these. */
  more: boolean;
  /** Some. */
  replies: CannedLine[];
}

/** What the engine sends to staff alone; a customer's connection is never handed one. */
export type StaffFrame =
  | QueueEntry
  | QueueGone
  | Yours
  | NotYours
  | YourState
  | Noted
  | OwnNote
  | WatchBegan
  | WatchEnded
  | NoteTypingNow
  | StaffPage
  | StaffHistory
  | Acted
  | Escalation
  | Consulted
  | StaffHere
  | TransferAnswered
  | AgentSilent
  | SilenceAlarm
  | YourLabel
  | Moderated
  | Offered
  | OfferGone
  | AllDeclined
  | YourSlots
  | WrapUp
  | RoutingExplained
  | MyRouting
  | FloorAgents
  | FloorCategories
  | WhatIfAnswer
  | Results
  | NewTicket
  | CannedReplies;

/** The events of a ticket's log. */
export type EventFrame =
  | Message
  | OwnMessage
  | Opened
  | Assigned
  | Advanced
  | MemberAdded
  | CategoryChanged
  | CustomerTold
  | PhaseChanged
  | Founded
  | Entered
  | Departed
  | PostDeleted
  | SlowMode
  | Noted
  | OwnNote
  | WatchBegan
  | WatchEnded
  | Acted
  | AgentSilent
  | Moderated;

/** What a client can receive. */
export type ServerFrame = PublicFrame | StaffFrame;

export const CLIENT_KINDS: readonly Kind[] = [
  { number: 1, kind: "hello", event: false, fields: [["token", "text", 1024], ["name", "text", 80], ["email", "text", 254]] },
  { number: 2, kind: "open", event: false, fields: [["request", "u32"], ["key", "id128"], ["category", "text", 40], ["priority", PRIORITY_WORDS], ["subject", "text", 200]] },
  { number: 3, kind: "join", event: false, fields: [["ticket", "id64"], ["stream", "id128"], ["after", "u32"]] },
  { number: 4, kind: "leave", event: false, fields: [["ticket", "id64"]] },
  { number: 5, kind: "post", event: false, fields: [["ticket", "id64"], ["number", "u32"], ["text", "text", 16384]] },
  { number: 6, kind: "typing", event: false, fields: [["ticket", "id64"]] },
  { number: 7, kind: "read_back", event: false, fields: [["ticket", "id64"], ["before", "u32"]] },
  { number: 8, kind: "advance", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["step", STEP_WORDS], ["reason", "text", 200]] },
  { number: 9, kind: "pick", event: false, fields: [["request", "u32"], ["ticket", "id64"]] },
  { number: 10, kind: "set_status", event: false, fields: [["request", "u32"], ["status", STATUS_WORDS]] },
  { number: 11, kind: "watch_queue", event: false, fields: [["request", "u32"], ["on", "bool"]] },
  { number: 12, kind: "ping", event: false, fields: [["nonce", "u32"]] },
  { number: 13, kind: "open_with", event: false, fields: [["request", "u32"], ["key", "id128"], ["category", "text", 40], ["priority", PRIORITY_WORDS], ["phase", PHASE_WISH_WORDS], ["skills", { list: [["skill", "u16"], ["level", "u8"]] }, 8], ["subject", "text", 200], ["text", "text", 16384]] },
  { number: 14, kind: "leave_message", event: false, fields: [["request", "u32"], ["ticket", "id64"]] },
  { number: 15, kind: "set_status_with", event: false, fields: [["request", "u32"], ["status", STATUS_WORDS], ["label", "text", 40]] },
  { number: 20, kind: "note", event: false, fields: [["ticket", "id64"], ["note", NOTE_KIND_WORDS], ["number", "u32"], ["text", "text", 16384]] },
  { number: 21, kind: "note_typing", event: false, fields: [["ticket", "id64"]] },
  { number: 22, kind: "take_part", event: false, fields: [["request", "u32"], ["ticket", "id64"]] },
  { number: 23, kind: "read_up_to", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["seq", "u32"]] },
  { number: 24, kind: "ask_canned", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["after", "u32"]] },
  { number: 25, kind: "ask_notices", event: false, fields: [["request", "u32"], ["before", "u32"]] },
  { number: 26, kind: "mark_notices", event: false, fields: [["request", "u32"], ["number", "u32"]] },
  { number: 30, kind: "answer_offer", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["offer", "u32"], ["accept", "bool"]] },
  { number: 31, kind: "transfer", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["agent", "id64"], ["reason", "text", 200]] },
  { number: 32, kind: "take_over", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["reason", "text", 200]] },
  { number: 33, kind: "set_wrap_up", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["more_s", "u32"]] },
  { number: 34, kind: "transfer_to_category", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["category", "text", 40], ["reason", "text", 200]] },
  { number: 35, kind: "escalate", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["on", "bool"], ["reason", "text", 200]] },
  { number: 36, kind: "ignore", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["on", "bool"]] },
  { number: 37, kind: "consult", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["agent", "id64"], ["manner", CONSULT_MANNER_WORDS], ["reason", "text", 200]] },
  { number: 38, kind: "hand_over", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["agent", "id64"], ["manner", MANNER_WORDS], ["reason", "text", 200]] },
  { number: 40, kind: "watch_floor", event: false, fields: [["request", "u32"], ["on", "bool"]] },
  { number: 41, kind: "what_if", event: false, fields: [["request", "u32"], ["minutes", "u16"], ["agents_more", "u16"], ["slots", "u16"], ["overflow", { list: [["of", "text", 40], ["to", "text", 40], ["after_s", "u32"]] }, 16]] },
  { number: 42, kind: "set_agent_status", event: false, fields: [["request", "u32"], ["agent", "id64"], ["status", STATUS_WORDS], ["reason", "text", 200]] },
  { number: 43, kind: "sign_out", event: false, fields: [["request", "u32"], ["agent", "id64"], ["reason", "text", 200]] },
  { number: 44, kind: "take_back", event: false, fields: [["request", "u32"], ["agent", "id64"], ["taken", TAKEN_BACK_WORDS], ["reason", "text", 200]] },
  { number: 45, kind: "ask_routing", event: false, fields: [["request", "u32"], ["ticket", "id64"]] },
  { number: 46, kind: "ask_my_routing", event: false, fields: [["request", "u32"]] },
  { number: 47, kind: "close_tickets", event: false, fields: [["request", "u32"], ["tickets", { list: [["ticket", "id64"]] }, 500], ["reason", "text", 200]] },
  { number: 48, kind: "set_team_slots", event: false, fields: [["request", "u32"], ["team", "u16"], ["live", "u16"], ["asynchronous", "u16"]] },
  { number: 49, kind: "ask_floor", event: false, fields: [["request", "u32"], ["part", FLOOR_PART_WORDS], ["page", "u16"]] },
  { number: 50, kind: "found", event: false, fields: [["request", "u32"], ["key", "id128"], ["title", "text", 80], ["topic", "text", 200], ["slow_s", "u32"]] },
  { number: 51, kind: "list_discussions", event: false, fields: [["request", "u32"], ["after", "id64"]] },
  { number: 52, kind: "moderate", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["act", MODERATION_ACT_WORDS], ["member", "u16"], ["seq", "u32"], ["seconds", "u32"], ["reason", "text", 200]] },
  { number: 53, kind: "enter", event: false, fields: [["request", "u32"], ["ticket", "id64"]] },
  { number: 54, kind: "depart", event: false, fields: [["request", "u32"], ["ticket", "id64"]] },
];

export const SERVER_KINDS: readonly Kind[] = [
  { number: 64, kind: "welcome", event: false, fields: [["person", "id64"], ["role", ROLE_WORDS], ["name", "text", 80], ["token", "text", 1024], ["epoch", "id64"], ["now", "time"], ["tickets", { list: [["ticket", "id64"], ["stage", STAGE_NAME_WORDS]] }, 100]] },
  { number: 65, kind: "refused", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["number", "u32"], ["code", "u16"], ["retry_ms", "u32"], ["expected", "u32"], ["detail", "text", 400]] },
  { number: 66, kind: "done", event: false, fields: [["request", "u32"]] },
  { number: 67, kind: "acknowledged", event: false, fields: [["ticket", "id64"], ["number", "u32"], ["seq", "u32"], ["at", "time"]] },
  { number: 68, kind: "message", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["author", "u16"], ["text", "text", 16384]] },
  { number: 69, kind: "own_message", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["author", "u16"], ["stream", "id128"], ["number", "u32"], ["text", "text", 16384]] },
  { number: 70, kind: "joined", event: false, fields: [["ticket", "id64"], ["head", "u32"], ["stage", STAGE_NAME_WORDS], ["category", "text", 40], ["subject", "text", 200], ["members", { list: [["name", "text", 80], ["role", ROLE_WORDS]] }, 1000], ["stream_head", "u32"]] },
  { number: 71, kind: "page", event: false, fields: [["ticket", "id64"], ["head", "u32"], ["more", "bool"], ["events", "batch", 65536]] },
  { number: 72, kind: "history", event: false, fields: [["ticket", "id64"], ["before", "u32"], ["more", "bool"], ["events", "batch", 65536]] },
  { number: 73, kind: "opened", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["name", "text", 80], ["category", "text", 40], ["priority", PRIORITY_WORDS], ["subject", "text", 200]] },
  { number: 74, kind: "assigned", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["member", "u16"], ["name", "text", 80], ["routing", ROUTING_WORDS]] },
  { number: 75, kind: "advanced", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["author", "u16"], ["step", STEP_WORDS], ["stage", STAGE_NAME_WORDS], ["reason", "text", 200]] },
  { number: 76, kind: "typing_now", event: false, fields: [["ticket", "id64"], ["author", "u16"]] },
  { number: 77, kind: "presence", event: false, fields: [["ticket", "id64"], ["author", "u16"], ["here", "bool"]] },
  { number: 78, kind: "position", event: false, fields: [["ticket", "id64"], ["position", "u32"], ["wait_s", "u32"]] },
  { number: 79, kind: "ticket_ready", event: false, fields: [["request", "u32"], ["ticket", "id64"]] },
  { number: 80, kind: "goodbye", event: false, fields: [["retry_ms", "u32"]] },
  { number: 81, kind: "pong", event: false, fields: [["nonce", "u32"]] },
  { number: 82, kind: "member_added", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["name", "text", 80], ["role", ROLE_WORDS]] },
  { number: 83, kind: "category_changed", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["category", "text", 40], ["stage", STAGE_NAME_WORDS]] },
  { number: 88, kind: "turned_away", event: false, fields: [["request", "u32"], ["cause", CLOSURE_WORDS], ["opens", "time"], ["may_leave_message", "bool"], ["text", "text", 1000]] },
  { number: 89, kind: "customer_told", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["cause", TELL_CAUSE_WORDS], ["may_wait", "bool"], ["may_leave_message", "bool"], ["text", "text", 1000]] },
  { number: 100, kind: "phase_changed", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["author", "u16"], ["phase", PHASE_WORDS], ["reason", "text", 200]] },
  { number: 101, kind: "founded", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["name", "text", 80], ["role", ROLE_WORDS], ["title", "text", 80], ["topic", "text", 200], ["members_max", "u16"], ["slow_s", "u32"]] },
  { number: 102, kind: "entered", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["author", "u16"], ["name", "text", 80], ["role", ROLE_WORDS]] },
  { number: 103, kind: "departed", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["author", "u16"]] },
  { number: 104, kind: "post_deleted", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["target", "u32"]] },
  { number: 105, kind: "slow_mode", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["seconds", "u32"]] },
  { number: 106, kind: "discussion_joined", event: false, fields: [["ticket", "id64"], ["head", "u32"], ["title", "text", 80], ["topic", "text", 200], ["members_max", "u16"], ["slow_s", "u32"], ["members", { list: [["name", "text", 80], ["role", ROLE_WORDS], ["state", MEMBER_STATE_WORDS]] }, 1000], ["here", "u32"], ["moderates", "bool"], ["muted_until", "time"], ["stream_head", "u32"]] },
  { number: 107, kind: "discussions", event: false, fields: [["request", "u32"], ["lines", { list: [["ticket", "id64"], ["title", "text", 80], ["topic", "text", 200], ["founder", "text", 80], ["at", "time"]] }, 50], ["more", "bool"]] },
  { number: 108, kind: "crowd", event: false, fields: [["ticket", "id64"], ["here", "u32"]] },
  { number: 109, kind: "moderated_you", event: false, fields: [["ticket", "id64"], ["act", MODERATION_ACT_WORDS], ["until", "time"], ["reason", "text", 200]] },
  { number: 110, kind: "read_marks", event: false, fields: [["ticket", "id64"], ["marks", { list: [["author", "u16"], ["seq", "u32"]] }, 1000]] },
  { number: 111, kind: "notified", event: false, fields: [["number", "u32"], ["what", NOTICE_WORD_WORDS], ["ticket", "id64"], ["at", "time"], ["by", "text", 80], ["detail", "text", 200], ["unread", "u32"]] },
  { number: 112, kind: "notices", event: false, fields: [["request", "u32"], ["unread", "u32"], ["more", "bool"], ["notices", { list: [["number", "u32"], ["what", NOTICE_WORD_WORDS], ["ticket", "id64"], ["at", "time"], ["read", "bool"], ["by", "text", 80], ["detail", "text", 200]] }, 32]] },
  { number: 113, kind: "notices_read", event: false, fields: [["number", "u32"], ["unread", "u32"]] },
  { number: 192, kind: "queue_entry", event: false, fields: [["ticket", "id64"], ["category", "text", 40], ["priority", PRIORITY_WORDS], ["since", "time"], ["name", "text", 80], ["subject", "text", 200]] },
  { number: 193, kind: "queue_gone", event: false, fields: [["ticket", "id64"], ["exit", QUEUE_EXIT_WORDS]] },
  { number: 194, kind: "yours", event: false, fields: [["ticket", "id64"]] },
  { number: 195, kind: "not_yours", event: false, fields: [["ticket", "id64"]] },
  { number: 196, kind: "your_state", event: false, fields: [["status", STATUS_WORDS], ["slots", "u16"], ["active", "u16"]] },
  { number: 200, kind: "noted", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["note", NOTE_KIND_WORDS], ["person", "id64"], ["name", "text", 80], ["role", ROLE_WORDS], ["text", "text", 16384]] },
  { number: 201, kind: "own_note", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["note", NOTE_KIND_WORDS], ["stream", "id128"], ["number", "u32"], ["text", "text", 16384]] },
  { number: 202, kind: "watch_began", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["person", "id64"], ["name", "text", 80]] },
  { number: 203, kind: "watch_ended", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["person", "id64"], ["name", "text", 80]] },
  { number: 204, kind: "note_typing_now", event: false, fields: [["ticket", "id64"], ["person", "id64"], ["name", "text", 80]] },
  { number: 205, kind: "staff_page", event: false, fields: [["ticket", "id64"], ["head", "u32"], ["more", "bool"], ["events", "batch", 65536]] },
  { number: 206, kind: "staff_history", event: false, fields: [["ticket", "id64"], ["before", "u32"], ["more", "bool"], ["events", "batch", 65536]] },
  { number: 207, kind: "acted", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["person", "id64"], ["name", "text", 80], ["act", STAFF_ACT_WORDS], ["agent", "id64"], ["agent_name", "text", 80], ["until", "time"], ["reason", "text", 200]] },
  { number: 208, kind: "escalation", event: false, fields: [["ticket", "id64"], ["since", "time"], ["category", "text", 40], ["name", "text", 80], ["subject", "text", 200]] },
  { number: 209, kind: "consulted", event: false, fields: [["ticket", "id64"], ["manner", CONSULT_MANNER_WORDS], ["category", "text", 40], ["name", "text", 80], ["subject", "text", 200]] },
  { number: 210, kind: "staff_here", event: false, fields: [["ticket", "id64"], ["person", "id64"], ["name", "text", 80], ["here", "bool"]] },
  { number: 212, kind: "transfer_answered", event: false, fields: [["ticket", "id64"], ["agent", "id64"], ["name", "text", 80], ["exit", OFFER_EXIT_WORDS]] },
  { number: 213, kind: "agent_silent", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["agent", "id64"], ["name", "text", 80], ["level", SILENCE_LEVEL_WORDS]] },
  { number: 214, kind: "silence_alarm", event: false, fields: [["ticket", "id64"], ["agent", "id64"], ["name", "text", 80], ["level", SILENCE_LEVEL_WORDS], ["since", "time"]] },
  { number: 215, kind: "your_label", event: false, fields: [["status", STATUS_WORDS], ["label", "text", 40]] },
  { number: 217, kind: "moderated", event: true, fields: [["ticket", "id64"], ["seq", "u32"], ["at", "time"], ["person", "id64"], ["name", "text", 80], ["act", MODERATION_ACT_WORDS], ["author", "u16"], ["target", "u32"], ["until", "time"], ["seconds", "u32"], ["reason", "text", 200]] },
  { number: 220, kind: "offered", event: false, fields: [["ticket", "id64"], ["offer", "u32"], ["until", "time"], ["category", "text", 40], ["priority", PRIORITY_WORDS], ["since", "time"], ["name", "text", 80], ["subject", "text", 200]] },
  { number: 221, kind: "offer_gone", event: false, fields: [["ticket", "id64"], ["offer", "u32"], ["exit", OFFER_EXIT_WORDS]] },
  { number: 222, kind: "all_declined", event: false, fields: [["ticket", "id64"], ["category", "text", 40]] },
  { number: 223, kind: "your_slots", event: false, fields: [["live", "u16"], ["live_used", "u16"], ["asynchronous", "u16"], ["asynchronous_used", "u16"]] },
  { number: 224, kind: "wrap_up", event: false, fields: [["ticket", "id64"], ["until", "time"]] },
  { number: 230, kind: "routing_explained", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["agent", "id64"], ["routing", ROUTING_WORDS], ["at", "time"], ["position", "u32"], ["besides", "text", 40], ["asks", { list: [["skill", "u16"], ["level", "u8"]] }, 16], ["relaxes", "time"], ["candidates", { list: [["agent", "id64"], ["name", "text", 80], ["obstacle", OBSTACLE_WORDS], ["skill", "u16"], ["level", "u8"], ["until", "time"], ["used", "u16"], ["idle_since", "time"]] }, 32], ["counts", { list: [["obstacle", OBSTACLE_WORDS], ["agents", "u32"]] }, 32]] },
  { number: 231, kind: "my_routing", event: false, fields: [["request", "u32"], ["obstacle", OBSTACLE_WORDS], ["heads", { list: [["ticket", "id64"], ["category", "text", 40], ["obstacle", OBSTACLE_WORDS], ["skill", "u16"], ["level", "u8"], ["until", "time"], ["waiting", "u32"]] }, 32], ["more", "u32"]] },
  { number: 232, kind: "floor_agents", event: false, fields: [["request", "u32"], ["at", "time"], ["agents", { list: [["agent", "id64"], ["name", "text", 80], ["team", "u16"], ["status", STATUS_WORDS], ["since", "time"], ["here", "bool"], ["live", "u16"], ["live_offered", "u16"], ["live_active", "u16"], ["live_held", "u16"], ["live_wrap_up", "u16"], ["asynchronous", "u16"], ["asynchronous_offered", "u16"], ["asynchronous_active", "u16"], ["asynchronous_held", "u16"], ["asynchronous_wrap_up", "u16"]] }, 400], ["gone", { list: [["agent", "id64"]] }, 400], ["more", "bool"]] },
  { number: 233, kind: "floor_categories", event: false, fields: [["request", "u32"], ["at", "time"], ["window_s", "u32"], ["counted_since", "time"], ["categories", { list: [["category", "text", 40], ["waiting_live", "u32"], ["waiting_asynchronous", "u32"], ["oldest", "time"], ["on_duty", "u32"], ["free", "u32"], ["occupancy", "u16"], ["answer_within_s", "u32"], ["answered", "u32"], ["in_time", "u32"], ["abandoned", "u32"], ["abandoned_short", "u32"], ["service_level", "u16"], ["service_level_without_short", "u16"], ["abandonment", "u16"]] }, 400], ["more", "bool"]] },
  { number: 234, kind: "what_if_answer", event: false, fields: [["request", "u32"], ["as_is", { list: [["waiting", "u32"], ["oldest_s", "u32"], ["served", "u32"], ["in_time", "u32"], ["abandoned", "u32"]] }, 240], ["changed", { list: [["waiting", "u32"], ["oldest_s", "u32"], ["served", "u32"], ["in_time", "u32"], ["abandoned", "u32"]] }, 240], ["service_level_as_is", "u16"], ["service_level_changed", "u16"]] },
  { number: 235, kind: "results", event: false, fields: [["request", "u32"], ["items", { list: [["ticket", "id64"], ["code", "u16"]] }, 500]] },
  { number: 240, kind: "new_ticket", event: false, fields: [["ticket", "id64"], ["category", "text", 40], ["priority", PRIORITY_WORDS], ["since", "time"], ["name", "text", 80], ["subject", "text", 200]] },
  { number: 241, kind: "canned_replies", event: false, fields: [["request", "u32"], ["ticket", "id64"], ["more", "bool"], ["replies", { list: [["id", "u32"], ["title", "text", 80], ["text", "text", 16384]] }, 32]] },
];

export interface RefusalMeaning {
  readonly name: string;
  readonly retryable: boolean;
  readonly words: string;
}

export const REFUSALS: Readonly<Record<number, RefusalMeaning>> = {
  100: { name: "malformed", retryable: false, words: "The frame is not of its kind's form, or a field passes its bound." },
  102: { name: "forbidden", retryable: false, words: "The role may not do this." },
  103: { name: "unknown_ticket", retryable: false, words: "There is no such ticket, or it is not yours to see." },
  104: { name: "not_joined", retryable: false, words: "Join the ticket on this connection first." },
  105: { name: "illegal_step", retryable: false, words: "The ticket's stage does not allow this step; the detail names both." },
  106: { name: "out_of_order", retryable: false, words: "The stream's next number is another; `expected` names it." },
  107: { name: "stream_conflict", retryable: false, words: "This number was taken by another text: take a new stream." },
  108: { name: "stream_unknown", retryable: false, words: "A stream the ticket does not know starts at 1: take a new stream." },
  109: { name: "streams_full", retryable: false, words: "The ticket has no place for another stream today." },
  111: { name: "empty_text", retryable: false, words: "A post needs text." },
  112: { name: "taken", retryable: false, words: "Somebody else has this ticket; the detail names its stage." },
  113: { name: "not_entitled", retryable: false, words: "The ticket's category is not one of yours." },
  114: { name: "no_free_slot", retryable: false, words: "All your slots are used, or you are away." },
  115: { name: "unknown_category", retryable: false, words: "There is no such category." },
  116: { name: "too_many_tickets", retryable: false, words: "Too many open tickets of one customer." },
  117: { name: "ahead", retryable: false, words: "You have seen more than the log holds: it was restored from an older state." },
  118: { name: "set_aside", retryable: false, words: "The ticket cannot be opened after repeated falls; an operator was told." },
  119: { name: "not_yet_assigned", retryable: false, words: "The category takes no posts before an agent has the ticket." },
  120: { name: "members_full", retryable: false, words: "The ticket has no place for another member." },
  121: { name: "joined_full", retryable: false, words: "This connection has joined as many tickets as it may." },
  122: { name: "stream_forgotten", retryable: false, words: "The repeat is of a number too far back to be told apart: take a new stream." },
  130: { name: "lapsed", retryable: false, words: "The offer stands no more, or is not yours." },
  131: { name: "cannot_take", retryable: false, words: "The agent is away, full or not entitled to the ticket." },
  132: { name: "same_category", retryable: false, words: "The ticket is in that category already." },
  133: { name: "ignored", retryable: false, words: "You ignore this ticket: show it again first." },
  134: { name: "cannot_consult", retryable: false, words: "This person cannot be asked into the ticket; the detail says why." },
  135: { name: "too_late", retryable: false, words: "The time in which its customer may open the ticket again is over." },
  136: { name: "consults_full", retryable: false, words: "As many colleagues as may be are asked into the ticket." },
  137: { name: "unreachable", retryable: false, words: "An asynchronous ticket needs a customer whose e-mail address is known." },
  140: { name: "notes_full", retryable: false, words: "The ticket has no place for another note, or its log for another watch." },
  150: { name: "unknown_agent", retryable: false, words: "There is no such agent, or he is none of yours to lead." },
  151: { name: "unknown_team", retryable: false, words: "There is no such team, or it is none of yours to lead." },
  152: { name: "absurd", retryable: false, words: "What is asked of the floor cannot be; the detail names it." },
  153: { name: "floor_too_large", retryable: false, words: "More waits than can be run forward." },
  160: { name: "discussion_full", retryable: false, words: "The discussion has as many members as it may." },
  161: { name: "banned", retryable: false, words: "You may not come back to this discussion." },
  162: { name: "muted", retryable: false, words: "You may say nothing in this discussion for now; the detail says until when." },
  163: { name: "not_a_member", retryable: false, words: "Enter the discussion first." },
  164: { name: "moderates", retryable: false, words: "Who moderates cannot be muted, removed or banned." },
  165: { name: "unknown_post", retryable: false, words: "There is no such post, or no such member." },
  166: { name: "moderations_full", retryable: false, words: "The discussion's log has no place for another moderation." },
  167: { name: "discussions_full", retryable: false, words: "The engine holds as many discussions as it may." },
  200: { name: "again", retryable: true, words: "It was accepted but its fate is unknown: send it again." },
  201: { name: "busy", retryable: true, words: "The engine has more than it can write now: send it again after `retry_ms`." },
  202: { name: "read_only", retryable: true, words: "The disk is nearly full: reads go on, writes wait for an operator." },
  203: { name: "pairing_paused", retryable: true, words: "The queue is being rebuilt: ask again." },
  204: { name: "draining", retryable: true, words: "The engine is going down: come back to the next one." },
  205: { name: "full", retryable: true, words: "The queue, or the engine, holds as many tickets as it may." },
  260: { name: "too_soon", retryable: true, words: "The discussion takes one post of a member in so many seconds: send it again after `retry_ms`." },
};

export interface CloseMeaning {
  readonly name: string;
  readonly comeBack: boolean;
  readonly words: string;
}

export const CLOSES: Readonly<Record<number, CloseMeaning>> = {
  1000: { name: "normal", comeBack: false, words: "done" },
  1001: { name: "going_away", comeBack: true, words: "the engine is going down, come back" },
  1002: { name: "protocol_error", comeBack: false, words: "not a valid WebSocket frame" },
  1003: { name: "wrong_form", comeBack: false, words: "binary frames on deskwire.v1, text frames on deskwire.v1.json" },
  1007: { name: "not_utf8", comeBack: false, words: "text that is not UTF-8" },
  1009: { name: "too_big", comeBack: false, words: "message too big" },
  1011: { name: "internal", comeBack: true, words: "a fault of the engine, come back" },
  4000: { name: "slow", comeBack: true, words: "you read too slowly, come back and resume" },
  4001: { name: "silent", comeBack: true, words: "no answer to ping, come back and resume" },
  4002: { name: "crowded", comeBack: true, words: "too many connections, come back later" },
  4003: { name: "changed", comeBack: true, words: "your account has changed, come back and resume" },
  4100: { name: "no_hello", comeBack: false, words: "no hello frame in time" },
  4101: { name: "unauthenticated", comeBack: false, words: "the token is not valid" },
  4102: { name: "hello_out_of_place", comeBack: false, words: "hello must be the first frame, and only the first" },
  4103: { name: "malformed", comeBack: false, words: "a frame that is not in the table" },
  4104: { name: "replaced", comeBack: false, words: "replaced by a newer connection of yours" },
  4110: { name: "signed_out", comeBack: false, words: "you were signed out by a supervisor" },
};
