// The delivery rule by itself: rows of what comes in and what must go out. C08, C10.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Delivery } from "../src/delivery.ts";
import type { Act, Outcome, Saved } from "../src/delivery.ts";
import { REFUSALS } from "../src/protocol.gen.ts";
import type { EventFrame, Refused } from "../src/protocol.gen.ts";

const TICKET = "00000000000000ff";

function delivery(saved?: Saved): Delivery {
  let made = 0;
  return new Delivery(TICKET, () => `stream${++made}`, saved);
}

function live(saved?: Saved): Delivery {
  const it = delivery(saved);
  it.join(0);
  it.page([], false, 0);
  return it;
}

/** Acts in short: `post 1 Hello`, `join stream1 7`, `reconnect`. */
function short(acts: readonly Act[]): string[] {
  return acts.map((act) => {
    if (act.do === "failed") return `failed ${act.text}`;
    if (act.do !== "send") return act.do;
    const { frame } = act;
    if (frame.kind === "post") return `post ${frame.number} ${frame.text}`;
    return frame.kind === "join" ? `join ${frame.stream} ${frame.after}` : frame.kind;
  });
}

function outcome({ events, acts }: Outcome): [number[], string[]] {
  return [events.map((event) => event.seq), short(acts)];
}

function refused(name: string, number: number, more: Partial<Refused> = {}): Refused {
  const code = Number(Object.keys(REFUSALS).find((key) => REFUSALS[Number(key)]!.name === name));
  return { kind: "refused", request: 0, ticket: TICKET, number, code, retry_ms: 0, expected: 0, detail: "", ...more };
}

const message = (seq: number): EventFrame => ({ kind: "message", ticket: TICKET, seq, at: 0, author: 1, text: "x" });
const own = (seq: number, stream: string, number: number): EventFrame =>
  ({ kind: "own_message", ticket: TICKET, seq, at: 0, author: 0, stream, number, text: "x" });

test("posts are numbered 1, 2, 3 and each goes out when the one before it is acknowledged", () => {
  const it = live();
  assert.deepEqual(short(it.say("a", 0)), ["post 1 a"]);
  assert.deepEqual(short(it.say("b", 0)), []);
  assert.deepEqual(short(it.acknowledged(1, 0)), ["post 2 b"]);
  assert.deepEqual(short(it.acknowledged(2, 0)), []);
  assert.deepEqual(short(it.say("c", 0)), ["post 3 c"]);
});

test("what is unacknowledged goes again after five seconds, and an own event counts as the acknowledgement", () => {
  const it = live();
  it.say("a", 0);
  assert.deepEqual(short(it.tick(4_999)), []);
  assert.deepEqual(short(it.tick(5_000)), ["post 1 a"]);
  assert.deepEqual(short(it.tick(5_001)), []);
  assert.deepEqual(outcome(it.event(own(1, "stream1", 1), 6_000)), [[1], []]);
  assert.deepEqual(it.unacknowledged, []);
  assert.deepEqual(short(it.acknowledged(1, 6_001)), []);
  assert.deepEqual(short(it.tick(99_000)), []);
});

test("nothing is sent before the last page, and what a page shows as taken is not sent again", () => {
  const it = live();
  it.say("a", 0);
  it.say("b", 0);
  it.event(message(1), 0);
  it.disconnected();
  assert.deepEqual(short(it.say("c", 0)), []);
  assert.deepEqual(short(it.join(0)), ["join stream1 1"]);
  assert.deepEqual(outcome(it.page([message(2), message(3)], true, 0)), [[2, 3], ["join stream1 3"]]);
  assert.deepEqual(outcome(it.page([own(4, "stream1", 1)], false, 0)), [[4], ["post 2 b"]]);
});

test("a reload keeps the stream, the numbers and what is unacknowledged", () => {
  const before = live();
  before.say("a", 0);
  before.acknowledged(1, 0);
  before.say("b", 0);
  const it = delivery(JSON.parse(JSON.stringify(before.saved())) as Saved);
  assert.deepEqual(short(it.join(0)), ["join stream1 0"]);
  assert.deepEqual(outcome(it.page([own(1, "stream1", 1)], false, 0)), [[1], ["post 2 b"]]);
  assert.deepEqual(short(it.acknowledged(2, 0)), []);
  assert.deepEqual(short(it.say("c", 0)), ["post 3 c"]);
});

test("an event seen before is dropped, and a gap is filled by another join", () => {
  const it = live();
  assert.deepEqual(outcome(it.event(message(1), 0)), [[1], []]);
  assert.deepEqual(outcome(it.event(message(1), 0)), [[], []]);
  assert.deepEqual(outcome(it.event(message(4), 0)), [[], ["join stream1 1"]]);
  assert.deepEqual(outcome(it.event(message(5), 0)), [[], []], "one join is enough");
  assert.deepEqual(outcome(it.page([message(2), message(3), message(4)], false, 0)), [[2, 3, 4], []]);
});

test("a refusal that says later is obeyed, and the number stays", () => {
  for (const name of ["busy", "again", "read_only", "draining"]) {
    const it = live();
    it.say("a", 0);
    assert.deepEqual(short(it.refused(refused(name, 1, { retry_ms: 200 }), 0)), []);
    assert.deepEqual(short(it.tick(199)), []);
    assert.deepEqual(short(it.tick(200)), ["post 1 a"]);
  }
});

test("a stream that cannot go on is left for a new one, on a new connection", () => {
  for (const name of ["stream_conflict", "stream_unknown", "stream_forgotten", "out_of_order"]) {
    const it = live({ stream: "old", last: 7, waiting: [] });
    it.say("a", 0);
    it.say("b", 0);
    assert.deepEqual(short(it.refused(refused(name, 8), 0)), ["reconnect"]);
    assert.deepEqual(short(it.refused(refused(name, 8), 0)), [], "a late answer changes nothing");
    it.disconnected();
    assert.deepEqual(short(it.join(0)), ["join stream1 0"]);
    assert.deepEqual(outcome(it.page([], false, 0)), [[], ["post 1 a"]]);
    assert.deepEqual(short(it.acknowledged(1, 0)), ["post 2 b"]);
  }
});

test("out of order with a number that is still there sends from that number", () => {
  const it = live();
  it.say("a", 0);
  assert.deepEqual(short(it.refused(refused("out_of_order", 1, { expected: 1 }), 0)), ["post 1 a"]);
});

test("a post refused for good is handed back, and its number goes to the next", () => {
  const it = live();
  it.say("a", 0);
  it.say("b", 0);
  assert.deepEqual(short(it.refused(refused("illegal_step", 1), 0)), ["failed a", "post 1 b"]);
  assert.deepEqual(short(it.acknowledged(1, 0)), []);
  assert.deepEqual(short(it.say("c", 0)), ["post 2 c"]);
});

test("a post refused for good waits for the answer to its other copy before its number is given away", () => {
  const it = live();
  it.say("a", 0);
  it.say("b", 0);
  it.tick(5_000);
  assert.deepEqual(short(it.refused(refused("not_yet_assigned", 1), 5_001)), []);
  assert.deepEqual(short(it.acknowledged(1, 5_002)), ["post 2 b"], "the other copy was taken");
});

test("the other tab's post on another stream is shown and acknowledges nothing", () => {
  const it = live();
  it.say("a", 0);
  assert.deepEqual(outcome(it.event(own(1, "another", 1), 0)), [[1], []]);
  assert.equal(it.unacknowledged.length, 1);
});

test("a duplicated tab's posts on the same stream move the number on", () => {
  const it = live();
  it.event(own(1, "stream1", 1), 0);
  assert.deepEqual(short(it.say("a", 0)), ["post 2 a"]);
});

test("a join that gets no answer or a retryable refusal goes again; a final one ends the ticket", () => {
  const it = delivery();
  it.join(0);
  assert.deepEqual(short(it.tick(5_000)), ["join stream1 0"]);
  it.refused(refused("again", 0, { retry_ms: 100 }), 6_000);
  assert.deepEqual(short(it.tick(6_100)), ["join stream1 0"]);
  assert.deepEqual(short(it.refused(refused("unknown_ticket", 0), 6_200)), ["gone"]);
  assert.deepEqual(short(it.tick(99_000)), []);
});

test("another epoch, or a log that is behind us, drops position and stream and keeps what is unacknowledged", () => {
  const it = live();
  it.say("a", 0);
  it.acknowledged(1, 0);
  it.event(own(1, "stream1", 1), 0);
  it.say("b", 0);
  it.disconnected();
  it.join(0);
  assert.deepEqual(short(it.refused(refused("ahead", 0), 0)), ["restart"]);
  it.restart();
  assert.deepEqual(short(it.join(0)), ["join stream2 0"]);
  assert.deepEqual(outcome(it.page([], false, 0)), [[], ["post 1 b"]]);
});
