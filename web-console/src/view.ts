// What a person sees of a ticket: the fold of its events, and of what is told beside them. Pure.

import { withDiscussionEvent } from "./discussion.ts";
import { ENGINE } from "./protocol.gen.ts";
import type { DiscussionJoined, EventFrame, Joined, Role, ServerFrame, StaffAct, StageName, Step } from "./protocol.gen.ts";

export interface Person {
  readonly name: string;
  readonly role: Role;
}

/** One line of the conversation: what somebody said, or what happened. */
export interface Entry {
  readonly seq: number;
  readonly at: number;
  /** An aside was said to staff alone; what happened is told as an act. */
  readonly kind: "said" | "own" | "act" | "aside";
  readonly author: string;
  readonly text: string;
}

export interface View {
  readonly ticket: string;
  readonly stage: StageName;
  readonly category: string;
  readonly subject: string;
  readonly members: readonly Person[];
  /** How many members the events so far have named; the next one added has this index. */
  readonly named: number;
  readonly entries: readonly Entry[];
  /** Members that type, and when that was last heard. */
  readonly typing: ReadonlyMap<number, number>;
  readonly here: ReadonlySet<number>;
  /** How far each member has read. */
  readonly read: ReadonlyMap<number, number>;
  readonly position: number;
  readonly waitS: number;
}

/** Typing is shown for this long after it was last heard. */
export const TYPING_SHOWN_MS = 3_000;

export function emptyView(ticket: string): View {
  return {
    ticket, stage: "waiting", category: "", subject: "", members: [], named: 0, entries: [],
    typing: new Map(), here: new Set(), read: new Map(), position: 0, waitS: 0,
  };
}

export function isOver(stage: StageName): boolean {
  return stage === "closed" || stage === "rejected" || stage === "abandoned";
}

const ACTS: Record<StaffAct, (agent: string) => string> = {
  transfer: (agent) => `gave the ticket to ${agent}`,
  assign: (agent) => `assigned the ticket to ${agent}`,
  take_over: () => "took the ticket over",
  extend_wrap_up: () => "needs longer to write it up",
  end_wrap_up: () => "has written it up",
  transfer_to_category: () => "gave the ticket to another category",
  escalate: () => "asked for a supervisor",
  assign_beyond_limit: (agent) => `gave the ticket to ${agent} beyond his limit`,
  ignore: () => "ignores the ticket",
  end_ignore: () => "ignores the ticket no longer",
  end_escalation: () => "asks for no supervisor any more",
};

const STEPS: Record<Step, string> = {
  close: "closed the chat", reject: "turned the chat down", abandon: "left the queue", hold: "set the chat aside",
  resume: "took the chat up again", pend: "waits for the customer", reopen: "opened the chat again",
  requeue: "gave the chat back to the queue",
};

export function nameOf(members: readonly Person[], index: number): string {
  return index === ENGINE ? "The desk" : (members[index]?.name || `Member ${index}`);
}

export function withMember(members: readonly Person[], index: number, person: Person): readonly Person[] {
  return Object.assign([...members], { [index]: person });
}

/** Events in order, as they came live or in a page. */
export function withEvents(view: View, events: readonly EventFrame[]): View {
  const entries = [...view.entries];
  const typing = new Map(view.typing);
  let { members, named, stage, category, subject } = view;
  const act = ({ seq, at }: EventFrame, author: string, text: string) => entries.push({ seq, at, kind: "act", author, text });
  for (const event of events) {
    switch (event.kind) {
      case "opened":
        named = 1;
        members = withMember(members, 0, { name: event.name || "Customer", role: "customer" });
        ({ category, subject } = event);
        act(event, nameOf(members, 0), "started the chat");
        break;
      case "assigned":
        named = Math.max(named, event.member + 1);
        members = withMember(members, event.member, { name: event.name, role: members[event.member]?.role ?? "agent" });
        stage = "assigned";
        act(event, event.name, "has the chat");
        break;
      case "advanced":
        stage = event.stage;
        act(event, nameOf(members, event.author), STEPS[event.step] + (event.reason ? `: ${event.reason}` : ""));
        break;
      case "member_added":
        members = withMember(members, named, { name: event.name, role: event.role });
        named += 1;
        act(event, event.name, "joined the chat");
        break;
      case "message":
      case "own_message": {
        const kind = event.kind === "message" ? "said" : "own";
        entries.push({ seq: event.seq, at: event.at, kind, author: nameOf(members, event.author), text: event.text });
        typing.delete(event.author);
        if (stage === "pending" && members[event.author]?.role === "customer") stage = "assigned";
        break;
      }
      case "noted":
      case "own_note": {
        const author = event.kind === "noted" ? event.name : "You";
        entries.push({ seq: event.seq, at: event.at, kind: "aside", author: `${author}, ${event.note}`, text: event.text });
        break;
      }
      case "founded":
      case "entered":
      case "departed":
      case "post_deleted":
      case "slow_mode":
      case "moderated":
        ({ members, named, subject } = withDiscussionEvent({ members, named, subject }, entries, event));
        break;
      case "watch_began":
        act(event, event.name, "began to watch");
        break;
      case "watch_ended":
        act(event, event.name, "ceased to watch");
        break;
      case "phase_changed":
        act(event, nameOf(members, event.author), event.phase === "live" ? "goes on as a chat" : "goes on by mail");
        break;
      case "category_changed":
        ({ stage, category } = event);
        act(event, "The chat", `went to ${event.category}`);
        break;
      case "customer_told":
        act(event, "The desk", event.text);
        break;
      case "agent_silent":
        act(event, event.name, event.level === "warned" ? "was told that the customer waits for an answer" : "still owes an answer: supervisors were told");
        break;
      case "acted":
        act(event, event.name || "Deskwire", ACTS[event.act](event.agent_name) + (event.reason ? `: ${event.reason}` : ""));
        break;
    }
  }
  return { ...view, entries, members, named, stage, category, subject, typing };
}

/** What is said of the ticket beside its events. */
export function withFrame(view: View, frame: ServerFrame, now: number): View {
  switch (frame.kind) {
    case "joined": return withJoined(view, frame);
    case "discussion_joined": return withDiscussion(view, frame);
    case "typing_now": return { ...view, typing: new Map(view.typing).set(frame.author, now) };
    case "presence": {
      const here = new Set(view.here);
      if (frame.here) here.add(frame.author);
      else here.delete(frame.author);
      return { ...view, here };
    }
    case "read_marks": {
      const read = new Map(view.read);
      for (const { author, seq } of frame.marks) read.set(author, Math.max(seq, read.get(author) ?? 0));
      return { ...view, read };
    }
    case "position": return { ...view, position: frame.position, waitS: frame.wait_s };
    default: return view;
  }
}

function withJoined(view: View, joined: Joined): View {
  const members = joined.members.map(({ name, role }) => ({ name: name || (role === "customer" ? "Customer" : "Agent"), role }));
  return { ...view, members, stage: joined.stage, category: joined.category, subject: joined.subject };
}

/** A discussion has no stage: whoever is in it may talk. */
function withDiscussion(view: View, { members, title }: DiscussionJoined): View {
  return { ...view, members: members.map(({ name, role }) => ({ name, role })), stage: "assigned", subject: title };
}

/** Forgets who typed too long ago; the same view if nobody did. */
export function withoutOldTyping(view: View, now: number): View {
  const fresh = [...view.typing].filter(([, at]) => now - at < TYPING_SHOWN_MS);
  return fresh.length === view.typing.size ? view : { ...view, typing: new Map(fresh) };
}

/** The names of those who type now. */
export function typingNames(view: View): string[] {
  return [...view.typing.keys()].map((member) => nameOf(view.members, member));
}

/** Up to which event the other side has read: for staff the customer, for him any of the staff. */
export function readByOthers(view: View, reader: "customer" | "staff"): number {
  const others = [...view.read].filter(([member]) => (member === 0) === (reader === "staff"));
  return Math.max(0, ...others.map(([, seq]) => seq));
}
