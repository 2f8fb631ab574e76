// What the page of a discussion shows and what its moderators ask for. C03.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withEvents } from "../src/events.ts";
import type { DiscussionJoined, EventFrame, MemberState, ModeratedYou, ModerationAct } from "../src/protocol.gen.ts";
import { FOR_EVER, MODERATIONS, membersFor, moderationOf, postsOf, roomClosedBecause } from "../src/room.ts";
import { emptyView, withFrame } from "../src/view.ts";

const ticket = "00000000000000ff";
const member = (name: string, state: MemberState) => ({ name, role: "agent", state }) as const;
const joined: DiscussionJoined = {
  kind: "discussion_joined", ticket, head: 3, title: "Printers", topic: "All of them", members_max: 250, slow_s: 0, here: 2,
  members: [member("Sam", "moderates"), member("Alice", "in"), member("Bob", "out")], moderates: true, muted_until: 0, stream_head: 0,
};
const inside = withFrame(emptyView(ticket), joined, 0);
const names = (act: ModerationAct, view = inside) => membersFor(act, view).map(({ name }) => name);
const you = (act: ModerationAct, until = 0): ModeratedYou => ({ kind: "moderated_you", ticket, act, until, reason: "" });

test("moderators choose among those who are in, and among those who are out to let one back", () => {
  assert.deepEqual([names("mute"), names("unban")], [["Sam", "Alice"], ["Bob"]]);
  const events: EventFrame[] = [
    { kind: "entered", ticket, seq: 4, at: 0, author: 2, name: "Bob", role: "agent" },
    { kind: "departed", ticket, seq: 5, at: 0, author: 1 },
  ];
  assert.deepEqual(names("mute", withEvents(inside, events)), ["Sam", "Bob"]);
});

test("a moderation carries what its act asks for and nothing else", () => {
  const draft = { member: 1, seq: 7, seconds: 60, reason: "rude" };
  assert.deepEqual(moderationOf(ticket, "mute", draft), { kind: "moderate", ticket, act: "mute", member: 1, seq: 0, seconds: 60, reason: "rude" });
  assert.deepEqual(moderationOf(ticket, "delete_post", draft), { kind: "moderate", ticket, act: "delete_post", member: 0, seq: 7, seconds: 0, reason: "rude" });
  for (const { asks, label } of Object.values(MODERATIONS)) assert.ok(asks.length && label);
});

test("who is muted reads until when, and may write again when it is over", () => {
  const muted = (until: number) => withFrame(inside, you("mute", until), 0).room;
  assert.equal(roomClosedBecause(inside.room, "", 0), "");
  assert.equal(roomClosedBecause(muted(FOR_EVER), "", 0), "You may say nothing here.");
  assert.match(roomClosedBecause(muted(5_000), "", 4_999), /^You may say nothing here until /);
  assert.equal(roomClosedBecause(muted(5_000), "", 5_000), "");
  assert.equal(roomClosedBecause(null, "", 0), "You are not in this room yet.");
});

test("how many are here, who moderates and how often one may write are shown as last told", () => {
  const told = [{ kind: "crowd", ticket, here: 9 } as const, you("dismiss")].reduce((view, frame) => withFrame(view, frame, 0), inside);
  assert.deepEqual([told.room?.here, told.room?.moderates], [9, false]);
  assert.equal(withEvents(inside, [{ kind: "slow_mode", ticket, seq: 4, at: 0, seconds: 30 }]).room?.slowS, 30);
});

test("a message that was deleted cannot be chosen to be deleted", () => {
  const view = withEvents(inside, [
    { kind: "message", ticket, seq: 4, at: 0, author: 1, text: "rude" },
    { kind: "message", ticket, seq: 5, at: 0, author: 1, text: "kind" },
    { kind: "post_deleted", ticket, seq: 6, at: 0, target: 4 },
  ]);
  assert.deepEqual(postsOf(view.entries).map(({ text }) => text), ["kind"]);
});
