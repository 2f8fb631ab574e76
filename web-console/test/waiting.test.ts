// What a customer reads and may choose while he waits. B26, B31.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withEvents } from "../src/events.ts";
import type { CustomerTold, EventFrame } from "../src/protocol.gen.ts";
import { emptyView } from "../src/view.ts";
import { choicesOf, phaseOf, stageWords } from "../src/waiting.ts";

const ticket = "00000000000000ff";
const opened: EventFrame = { kind: "opened", ticket, seq: 1, at: 0, name: "Ada", category: "General", priority: "normal", subject: "" };
const told = (seq: number, more: Partial<CustomerTold> = {}): CustomerTold =>
  ({ kind: "customer_told", ticket, seq, at: 0, cause: "wait_too_long", may_wait: true, may_leave_message: true, text: "It takes long.", ...more });
const after = (...events: EventFrame[]) => withEvents(emptyView(ticket), [opened, ...events]);

test("who is told of his wait may wait on, leave a message or leave, as far as the desk lets him", () => {
  assert.deepEqual(choicesOf(after(), 0), []);
  assert.deepEqual(choicesOf(after(told(2)), 0), ["wait", "message", "leave"]);
  assert.deepEqual(choicesOf(after(told(2, { cause: "closed", may_wait: false })), 0), ["message", "leave"]);
  assert.deepEqual(choicesOf(after(told(2, { cause: "nobody", may_leave_message: false })), 0), ["wait", "leave"]);
});

test("who has chosen to wait on is asked again only when he is told something else", () => {
  assert.deepEqual(choicesOf(after(told(2)), 2), []);
  assert.equal(choicesOf(after(told(2), told(3, { cause: "nobody" })), 2).length, 3);
});

test("the choices are gone with the wait: with an agent, a message or the end", () => {
  const assigned: EventFrame = { kind: "assigned", ticket, seq: 3, at: 0, member: 1, name: "Grace", routing: "automatic" };
  const left: EventFrame = { kind: "phase_changed", ticket, seq: 3, at: 0, author: 0, phase: "asynchronous", reason: "" };
  const gone: EventFrame = { kind: "advanced", ticket, seq: 3, at: 0, author: 0, step: "abandon", stage: "abandoned", reason: "" };
  for (const event of [assigned, left, gone]) assert.deepEqual(choicesOf(after(told(2), event), 0), [], event.kind);
});

test("a reminder to one who does not answer is no choice of his wait", () => {
  assert.deepEqual(choicesOf(after(told(2, { cause: "silent", may_wait: false })), 0), []);
});

test("a ticket that is a message says so, and a chat its place", () => {
  const view = { ...after(), position: 2, waitS: 90 };
  assert.equal(stageWords(view, phaseOf(view, "live")), "You are number 2 in the queue. About 2 minutes.");
  assert.match(stageWords(view, phaseOf(view, "asynchronous")), /^You left a message\./);
  const left = after({ kind: "phase_changed", ticket, seq: 2, at: 0, author: 0, phase: "asynchronous", reason: "" });
  assert.match(stageWords(left, phaseOf(left, "live")), /^You left a message\./);
});
