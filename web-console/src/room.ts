// A discussion as its page shows it: who is in it, who may write, and what moderators ask for. Pure.

import type { Request } from "./asking.ts";
import type { DiscussionEvent } from "./discussion.ts";
import type { Crowd, DiscussionJoined, ModeratedYou, ModerationAct } from "./protocol.gen.ts";
import type { Entry, View } from "./view.ts";

export interface Room {
  readonly topic: string;
  /** How many people are connected to it. */
  readonly here: number;
  /** Whether this person moderates it. */
  readonly moderates: boolean;
  /** Until when he may say nothing; 0 where he may. */
  readonly mutedUntil: number;
  /** A member may post once in so many seconds; 0 for as often as he likes. */
  readonly slowS: number;
  /** Members who are in it no longer, by index. */
  readonly out: ReadonlySet<number>;
}

/** A mute without an end is said as this time. */
export const FOR_EVER = 281_474_976_710_655;

export function roomJoined({ topic, here, moderates, muted_until, slow_s, members }: DiscussionJoined): Room {
  const out = new Set(members.flatMap(({ state }, index) => (state === "out" ? [index] : [])));
  return { topic, here, moderates, mutedUntil: muted_until, slowS: slow_s, out };
}

/** What is said of the room beside its events. */
export function roomTold(room: Room, frame: Crowd | ModeratedYou): Room {
  if (frame.kind === "crowd") return { ...room, here: frame.here };
  switch (frame.act) {
    case "mute": return { ...room, mutedUntil: frame.until };
    case "unmute": return { ...room, mutedUntil: 0 };
    case "appoint": return { ...room, moderates: true };
    case "dismiss": return { ...room, moderates: false };
    case "remove": case "ban": case "unban": case "delete_post": case "slow_mode": return room;
  }
}

/** The room after one of its events. */
export function roomAfter(room: Room, event: DiscussionEvent): Room {
  const out = new Set(room.out);
  switch (event.kind) {
    case "entered": out.delete(event.author); return { ...room, out };
    case "departed": out.add(event.author); return { ...room, out };
    case "slow_mode": return { ...room, slowS: event.seconds };
    case "moderated": return moderatedAfter(room, event.act, event.author, event.seconds);
    case "founded": case "post_deleted": return room;
  }
}

function moderatedAfter(room: Room, act: ModerationAct, member: number, seconds: number): Room {
  if (act === "slow_mode") return { ...room, slowS: seconds };
  return act === "remove" || act === "ban" ? { ...room, out: new Set(room.out).add(member) } : room;
}

/** Why nothing can be written into the room now; empty where it can. */
export function roomClosedBecause(room: Room | null, gone: string, now: number): string {
  if (gone) return "This room cannot be shown.";
  if (!room) return "You are not in this room yet.";
  if (room.mutedUntil === FOR_EVER) return "You may say nothing here.";
  return room.mutedUntil > now ? `You may say nothing here until ${new Date(room.mutedUntil).toLocaleTimeString()}.` : "";
}

export type ModerationAsk = "member" | "post" | "seconds" | "reason";

export const MODERATIONS: Record<ModerationAct, { readonly label: string; readonly asks: readonly ModerationAsk[] }> = {
  mute: { label: "Mute somebody", asks: ["member", "seconds", "reason"] },
  unmute: { label: "Let somebody speak again", asks: ["member"] },
  remove: { label: "Put somebody out", asks: ["member", "reason"] },
  ban: { label: "Ban somebody", asks: ["member", "reason"] },
  unban: { label: "Let somebody come back", asks: ["member"] },
  delete_post: { label: "Delete a message", asks: ["post", "reason"] },
  slow_mode: { label: "Set how often anybody may write", asks: ["seconds"] },
  appoint: { label: "Let somebody moderate too", asks: ["member"] },
  dismiss: { label: "Let somebody moderate no longer", asks: ["member"] },
};

export interface ModerationDraft {
  readonly member: number;
  readonly seq: number;
  readonly seconds: number;
  readonly reason: string;
}

/** The request; what its act does not ask for is left out of it. */
export function moderationOf(ticket: string, act: ModerationAct, draft: ModerationDraft): Request {
  const { asks } = MODERATIONS[act];
  const of = (ask: ModerationAsk, value: number) => (asks.includes(ask) ? value : 0);
  const [member, seq, seconds] = [of("member", draft.member), of("post", draft.seq), of("seconds", draft.seconds)];
  return { kind: "moderate", ticket, act, member, seq, seconds, reason: draft.reason };
}

/** Members to choose from: those who are out only where the act is about one. */
export function membersFor(act: ModerationAct, { members, room }: Pick<View, "members" | "room">): readonly { index: number; name: string }[] {
  const about = act === "unban" ? "out" : "in";
  return members.flatMap(({ name }, index) => ((room?.out.has(index) ? "out" : "in") === about ? [{ index, name }] : []));
}

/** Messages that can be deleted, the newest first. */
export function postsOf(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ kind, text }) => (kind === "said" || kind === "own") && text).reverse();
}
