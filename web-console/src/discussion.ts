// What a discussion's own events add to what a person sees. Pure.

import { ENGINE } from "./protocol.gen.ts";
import type { EventFrame, ModerationAct } from "./protocol.gen.ts";
import { nameOf, withMember } from "./view.ts";
import type { Entry, View } from "./view.ts";

export type DiscussionEvent =
  Extract<EventFrame, { kind: "founded" | "entered" | "departed" | "post_deleted" | "slow_mode" | "moderated" }>;
type Hall = Pick<View, "members" | "named" | "subject">;

const MODERATIONS: Record<ModerationAct, string> = {
  mute: "muted", unmute: "lets speak again", remove: "put out", ban: "banned", unban: "lets come back",
  delete_post: "deleted a message", slow_mode: "changed how often anybody may write", appoint: "lets moderate too",
  dismiss: "lets no longer moderate",
};

/** A deleted message stays as a place without its text. */
function forget(entries: Entry[], seq: number): void {
  const at = entries.findIndex((entry) => entry.seq === seq);
  const entry = entries[at];
  if (entry) entries[at] = { ...entry, text: "" };
}

/** Adds the lines of one event, and answers who is there now. */
export function withDiscussionEvent(hall: Hall, entries: Entry[], event: DiscussionEvent): Hall {
  const act = (author: string, text: string) => entries.push({ seq: event.seq, at: event.at, kind: "act", author, text });
  switch (event.kind) {
    case "founded": {
      act(event.name, "opened the room");
      return { members: withMember(hall.members, 0, { name: event.name, role: event.role }), named: 1, subject: event.title };
    }
    case "entered":
      act(event.name, "came in");
      return { ...hall, members: withMember(hall.members, event.author, { name: event.name, role: event.role }) };
    case "departed":
      act(nameOf(hall.members, event.author), "left");
      return hall;
    case "post_deleted":
      forget(entries, event.target);
      act("The desk", "deleted a message");
      return hall;
    case "slow_mode":
      act("The desk", event.seconds ? `allows a message every ${event.seconds} seconds` : "allows messages at any time");
      return hall;
    case "moderated": {
      const whom = event.author === ENGINE ? "" : ` ${nameOf(hall.members, event.author)}`;
      if (event.act === "delete_post") forget(entries, event.target);
      act(event.name, MODERATIONS[event.act] + whom + (event.reason ? `: ${event.reason}` : ""));
      return hall;
    }
  }
}
