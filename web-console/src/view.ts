// What a person sees of a ticket, and what is told beside its events. Pure.

import { ENGINE } from "./protocol.gen.ts";
import type { DiscussionJoined, Joined, Phase, Role, ServerFrame, StageName } from "./protocol.gen.ts";
import { roomJoined, roomTold } from "./room.ts";
import type { Room } from "./room.ts";

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

/** What the desk told the customer of his wait. */
export interface WaitTold {
  readonly seq: number;
  readonly text: string;
  readonly mayWait: boolean;
  readonly mayLeaveMessage: boolean;
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
  /** As was last said of it; nothing where it has not changed. */
  readonly phase: Phase | null;
  /** Until that wait is over. */
  readonly told: WaitTold | null;
  /** Whether it waits for a supervisor. */
  readonly escalated: boolean;
  /** Set where it is a discussion. */
  readonly room: Room | null;
}

/** Typing is shown for this long after it was last heard. */
export const TYPING_SHOWN_MS = 3_000;

export function emptyView(ticket: string): View {
  return {
    ticket, stage: "waiting", category: "", subject: "", members: [], named: 0, entries: [],
    typing: new Map(), here: new Set(), read: new Map(), position: 0, waitS: 0, phase: null, told: null, escalated: false, room: null,
  };
}

export function isOver(stage: StageName): boolean {
  return stage === "closed" || stage === "rejected" || stage === "abandoned";
}

export function nameOf(members: readonly Person[], index: number): string {
  return index === ENGINE ? "The desk" : (members[index]?.name || `Member ${index}`);
}

export function withMember(members: readonly Person[], index: number, person: Person): readonly Person[] {
  return Object.assign([...members], { [index]: person });
}

/** What is said of the ticket beside its events. */
export function withFrame(view: View, frame: ServerFrame, now: number): View {
  switch (frame.kind) {
    case "joined": return withJoined(view, frame);
    case "discussion_joined": return withDiscussion(view, frame);
    case "crowd":
    case "moderated_you": return view.room ? { ...view, room: roomTold(view.room, frame) } : view;
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
function withDiscussion(view: View, joined: DiscussionJoined): View {
  const members = joined.members.map(({ name, role }) => ({ name, role }));
  return { ...view, members, stage: "assigned", subject: joined.title, room: roomJoined(joined) };
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
