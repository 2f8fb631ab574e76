// What the page says of refusals: each is shown somewhere. C07, D05.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { No } from "../src/asking.ts";
import type { Desk as DeskType } from "../src/desk.ts";
import { REFUSALS } from "../src/protocol.gen.ts";
import type { Refused, ServerFrame } from "../src/protocol.gen.ts";

const NONE = "0".repeat(16);
const TICKET = "00000000000000ff";

// The little of a browser that the desk touches before it is on line.
const kept = new Map<string, string>();
const storage = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
};
Object.assign(globalThis, { location: { protocol: "http:", host: "desk.example" }, sessionStorage: storage, WebSocket: { OPEN: 1 } });
const { Desk } = await import("../src/desk.ts");

/** A desk that hears one ticket, and the way to tell it what the engine sent. */
function welcomed(): { desk: DeskType; hear: (frame: ServerFrame) => void } {
  const desk = new Desk("customer", () => ({ kind: "hello", token: "", name: "", email: "" }));
  const hear = (frame: ServerFrame) => (desk as unknown as { frame(frame: ServerFrame): void }).frame(frame);
  const tickets = [{ ticket: TICKET, stage: "assigned" as const }];
  hear({ kind: "welcome", person: TICKET, role: "customer", name: "Carl", token: "", epoch: TICKET, now: 0, tickets });
  return { desk, hear };
}

function refused(name: string, more: Partial<Refused>): Refused {
  const code = Number(Object.keys(REFUSALS).find((key) => REFUSALS[Number(key)]!.name === name));
  return { kind: "refused", request: 0, ticket: NONE, number: 0, code, retry_ms: 0, expected: 0, detail: "", ...more };
}

test("what a request was refused for is told to whoever asked", async () => {
  const { desk, hear } = welcomed();
  const asked = desk.ask({ kind: "advance", ticket: TICKET, step: "close", reason: "" });
  hear(refused("illegal_step", { request: 1, ticket: TICKET, detail: "close is not possible" }));
  await assert.rejects(asked, (no: No) => no.message === "close is not possible");
  assert.equal(desk.trouble.value, "");
});

test("what nobody pressed a button for is said when it is refused", async () => {
  const { desk, hear } = welcomed();
  desk.wish({ kind: "watch_queue", on: true });
  hear(refused("forbidden", { request: 1 }));
  await new Promise((settle) => setImmediate(settle));
  assert.equal(desk.trouble.value, "The role may not do this.");
});

test("a frame that was not understood is said, a ticket that was let go of is not", () => {
  const { desk, hear } = welcomed();
  hear(refused("unknown_ticket", { ticket: "00000000000000ee" }));
  assert.equal(desk.trouble.value, "");
  hear(refused("malformed", { detail: "text has 20000 bytes" }));
  assert.equal(desk.trouble.value, "text has 20000 bytes");
});

test("a ticket that is set aside while it is heard says so in its place", () => {
  const { desk, hear } = welcomed();
  hear({ kind: "page", ticket: TICKET, head: 0, more: false, events: [] });
  hear(refused("unknown_ticket", { ticket: TICKET }));
  assert.equal(desk.chats.value.get(TICKET)?.gone.value, "", "a late answer to an earlier join");
  hear(refused("set_aside", { ticket: TICKET }));
  assert.match(desk.chats.value.get(TICKET)?.gone.value ?? "", /cannot be opened/);
});

test("a post that is refused for good stands there with the words", () => {
  const { desk, hear } = welcomed();
  hear({ kind: "page", ticket: TICKET, head: 0, more: false, events: [] });
  desk.say(TICKET, "too early");
  hear(refused("not_yet_assigned", { ticket: TICKET, number: 1, detail: "not yet" }));
  assert.deepEqual(desk.chats.value.get(TICKET)?.unsent.value, [{ text: "too early", failed: "not yet" }]);
});
