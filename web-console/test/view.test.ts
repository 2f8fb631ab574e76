// What a person sees: the fold of a ticket's events.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withEvents } from "../src/events.ts";
import type { EventFrame } from "../src/protocol.gen.ts";
import { emptyView, isOver, readByOthers, typingNames, withFrame, withoutOldTyping } from "../src/view.ts";

const ticket = "00000000000000ff";
type Rest = EventFrame extends infer Event ? (Event extends EventFrame ? Omit<Event, "ticket" | "at"> : never) : never;
const of = (event: Rest) => ({ ticket, at: 0, ...event }) as EventFrame;

const events: EventFrame[] = [
  of({ kind: "opened", seq: 1, name: "Ada", category: "General", priority: "normal", subject: "Fire" }),
  of({ kind: "own_message", seq: 2, author: 0, stream: "s", number: 1, text: "Hello" }),
  of({ kind: "assigned", seq: 3, member: 1, name: "Grace", routing: "picked" }),
  of({ kind: "member_added", seq: 4, name: "Grace", role: "supervisor" }),
  of({ kind: "message", seq: 5, author: 1, text: "Hi" }),
  of({ kind: "message", seq: 6, author: 2, text: "I am here too" }),
  of({ kind: "advanced", seq: 7, author: 65_535, step: "close", stage: "closed", reason: "Put out" }),
];

test("events become lines with names, also of two members of one name", () => {
  const view = withEvents(emptyView(ticket), events);
  assert.deepEqual(view.members.map(({ name, role }) => `${name} ${role}`), ["Ada customer", "Grace agent", "Grace supervisor"]);
  assert.deepEqual(view.entries.map(({ kind, author, text }) => `${kind} ${author}: ${text}`), [
    "act Ada: started the chat", "own Ada: Hello", "act Grace: has the chat", "act Grace: joined the chat",
    "said Grace: Hi", "said Grace: I am here too", "act The desk: closed the chat: Put out",
  ]);
  assert.ok(isOver(view.stage));
});

test("the view is the same in one page or one by one, and after a join that names all members before", () => {
  const whole = withEvents(emptyView(ticket), events);
  assert.deepEqual(events.reduce((view, event) => withEvents(view, [event]), emptyView(ticket)), whole);
  const joined = withFrame(emptyView(ticket), {
    kind: "joined", ticket, head: 7, stage: "closed", category: "General", subject: "Fire", stream_head: 1,
    members: [{ name: "Ada", role: "customer" }, { name: "Grace", role: "agent" }, { name: "Grace", role: "supervisor" }],
  }, 0);
  assert.deepEqual(withEvents(joined, events), whole);
});

test("typing is shown until the message comes or three seconds have passed", () => {
  const talking = withEvents(emptyView(ticket), events.slice(0, 4));
  const typing = withFrame(talking, { kind: "typing_now", ticket, author: 1 }, 1_000);
  assert.deepEqual(typingNames(typing), ["Grace"]);
  assert.deepEqual(typingNames(withEvents(typing, events.slice(4, 5))), []);
  assert.equal(withoutOldTyping(typing, 3_999), typing);
  assert.deepEqual(typingNames(withoutOldTyping(typing, 4_000)), []);
});

test("a customer's post takes a pending ticket up again", () => {
  const pending = withEvents(emptyView(ticket), [
    ...events.slice(0, 4), of({ kind: "advanced", seq: 5, author: 1, step: "pend", stage: "pending", reason: "" }),
  ]);
  assert.equal(pending.stage, "pending");
  const post = (author: number) => withEvents(pending, [of({ kind: "message", seq: 6, author, text: "x" })]).stage;
  assert.deepEqual([post(1), post(0)], ["pending", "assigned"]);
});

test("what the other side has read is the highest of its marks, and never falls", () => {
  const marks = (...all: [number, number][]) =>
    ({ kind: "read_marks", ticket, marks: all.map(([author, seq]) => ({ author, seq })) }) as const;
  const read = [marks([0, 6], [1, 3], [2, 5]), marks([2, 4])].reduce((view, frame) => withFrame(view, frame, 0), emptyView(ticket));
  assert.deepEqual([readByOthers(read, "customer"), readByOthers(read, "staff")], [5, 6]);
  assert.equal(readByOthers(emptyView(ticket), "staff"), 0);
});

test("a deleted post of a discussion keeps its place and loses its text", () => {
  const view = withEvents(emptyView(ticket), [
    of({ kind: "founded", seq: 1, name: "Sam", role: "supervisor", title: "Printers", topic: "", members_max: 250, slow_s: 0 }),
    of({ kind: "entered", seq: 2, author: 1, name: "Carl", role: "customer" }),
    of({ kind: "message", seq: 3, author: 1, text: "rude" }),
    of({ kind: "post_deleted", seq: 4, target: 3 }),
  ]);
  assert.equal(view.subject, "Printers");
  assert.deepEqual(view.entries.map(({ author, text }) => `${author}: ${text}`)[2], "Carl: ");
});
