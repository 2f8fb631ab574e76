// What staff are told of tickets beside the talk, and the queue that they see. B06, B09, B22, B28, B32.

import assert from "node:assert/strict";
import { test } from "node:test";

import { longestFirst, withEscalation, wordsOfAlarm } from "../src/alarms.ts";
import type { Escalation, QueueEntry } from "../src/protocol.gen.ts";
import { EMPTY_QUEUE, inOrder, withEntry, withGone } from "../src/queue.ts";

const id = (number: number) => number.toString(16).padStart(16, "0");
const escalation = (number: number, since: number): Escalation =>
  ({ kind: "escalation", ticket: id(number), since, category: "general", name: "Ada", subject: "Fire" });
const entry = (number: number, more: Partial<QueueEntry> = {}): QueueEntry =>
  ({ kind: "queue_entry", ticket: id(number), category: "general", priority: "normal", since: number, name: "Ada", subject: "Fire", ...more });

test("escalations are shown the oldest first, and go when they are over", () => {
  const waiting = [escalation(1, 20), escalation(2, 10)].reduce(withEscalation, new Map() as ReadonlyMap<string, Escalation>);
  assert.deepEqual(longestFirst(waiting).map(({ ticket }) => ticket), [id(2), id(1)]);
  assert.deepEqual(longestFirst(withEscalation(waiting, escalation(2, 0))).map(({ ticket }) => ticket), [id(1)]);
});

test("who offered a ticket reads what became of it", () => {
  const answered = { kind: "transfer_answered", ticket: id(1), agent: id(9), name: "Bob" } as const;
  assert.equal(wordsOfAlarm({ ...answered, exit: "accepted" }, "Fire", id(8)), "Bob has taken the ticket: Fire");
  assert.equal(wordsOfAlarm({ ...answered, exit: "declined" }, "", id(8)), "Bob will not have the ticket: it stays yours");
});

test("a silent agent reads that his customer waits, a supervisor whose customer does", () => {
  const alarm = { kind: "silence_alarm", ticket: id(1), agent: id(9), name: "Bob", level: "warned", since: 0 } as const;
  assert.equal(wordsOfAlarm(alarm, "Fire", id(9)), "A customer waits for your answer: Fire");
  assert.equal(wordsOfAlarm({ ...alarm, level: "escalated" }, "", id(8)), "A customer waits for an answer of Bob");
});

test("an ignored ticket leaves the queue and can be shown again, any other that goes is gone", () => {
  const both = withEntry(withEntry(EMPTY_QUEUE, entry(1)), entry(2));
  const ignored = withGone(withGone(both, { ticket: id(1), exit: "ignored" }), { ticket: id(2), exit: "assigned" });
  assert.deepEqual([[...ignored.waiting.keys()], [...ignored.ignored.keys()]], [[], [id(1)]]);
  const again = withEntry(ignored, entry(1));
  assert.deepEqual([[...again.waiting.keys()], [...again.ignored.keys()]], [[id(1)], []]);
  assert.equal(withGone(ignored, { ticket: id(1), exit: "abandoned" }).ignored.size, 0);
});

test("the queue is in the order of urgency, then of arrival", () => {
  const entries = [entry(1), entry(2, { priority: "urgent" }), entry(3, { priority: "low" }), entry(4, { since: 0 })];
  assert.deepEqual(inOrder(entries).map(({ ticket }) => Number(ticket)), [2, 4, 1, 3]);
});
