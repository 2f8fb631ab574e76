// What the agent's page offers to do about a ticket, and what it asks the engine for. B09, B11, B21, B22, B32.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ACTS, actsOf, fromFloor, fromRouting, mannersOf, requestOf, stepsOf } from "../src/acts.ts";
import type { About, Act } from "../src/acts.ts";
import type { FloorAgent, RoutingLine } from "../src/protocol.gen.ts";

const ticket = "00000000000000ff";
const about = (more: Partial<About>): About => ({ stage: "assigned", role: "agent", mine: false, escalated: false, ...more });
const draft = { agent: "a1", manner: "if_accepted", category: "billing", reason: "why" } as const;

test("the menu of an agent is about his own tickets and those that wait", () => {
  assert.deepEqual(actsOf(about({ mine: true })), ["escalate", "hand_over", "to_category", "requeue"]);
  assert.deepEqual(actsOf(about({ mine: true, escalated: true }))[0], "end_escalation");
  assert.deepEqual(actsOf(about({})), []);
  assert.deepEqual(actsOf(about({ stage: "waiting" })), ["reject", "ignore"]);
  assert.deepEqual(actsOf(about({ stage: "rejected" })), []);
});

test("a supervisor takes over, moves what waits and restores what was turned down", () => {
  const role = "supervisor";
  assert.ok(actsOf(about({ role })).includes("take_over"));
  assert.deepEqual(actsOf(about({ role, stage: "reopened" })), ["reject", "ignore", "hand_over", "to_category"]);
  assert.deepEqual(actsOf(about({ role, stage: "rejected" })), ["reopen"]);
  assert.deepEqual(actsOf(about({ role, stage: "abandoned" })), []);
});

test("an owner holds, resumes and waits for the customer, each where the stage lets him", () => {
  assert.deepEqual(stepsOf("assigned"), ["hold", "pend"]);
  assert.deepEqual(stepsOf("pending"), ["resume", "hold"]);
  assert.deepEqual(stepsOf("on_hold"), ["resume"]);
  assert.deepEqual(stepsOf("waiting"), []);
});

test("each act of the menu is one request with what was said in it", () => {
  const kinds = (Object.keys(ACTS) as Act[]).map((act) => {
    const request = requestOf(ticket, act, draft);
    assert.ok("ticket" in request && request.ticket === ticket);
    assert.equal("reason" in request, ACTS[act].asks.includes("reason"), act);
    return request.kind === "advance" ? request.step : request.kind;
  });
  assert.deepEqual(kinds, ["escalate", "escalate", "hand_over", "transfer_to_category", "requeue", "take_over", "reject", "ignore", "reopen"]);
  assert.deepEqual(requestOf(ticket, "hand_over", draft), { kind: "hand_over", ticket, agent: "a1", manner: "if_accepted", reason: "why" });
  assert.deepEqual(requestOf(ticket, "end_escalation", draft), { kind: "escalate", ticket, on: false, reason: "why" });
});

test("nobody but supervisors and admins is offered to pass a colleague's limit", () => {
  assert.deepEqual(mannersOf("agent"), ["at_once", "if_accepted"]);
  assert.ok(mannersOf("supervisor").includes("beyond_limit") && mannersOf("admin").includes("beyond_limit"));
});

test("colleagues are named in order, without oneself, and with what would keep a ticket from them", () => {
  const line = (agent: string, name: string, obstacle: RoutingLine["obstacle"]): RoutingLine =>
    ({ agent, name, obstacle, skill: 0, level: 0, until: 0, used: 0, idle_since: 0 });
  const found = fromRouting([line("a3", "Zoe", "full"), line("a2", "Bob", "turn"), line("a1", "Me", "chosen")], "a1");
  assert.deepEqual(found.map(({ name, but }) => `${name} ${but}`), ["Bob ", "Zoe full"]);
  const floor = [{ agent: "a2", name: "Bob", status: "not_responding" }, { agent: "a1", name: "Me", status: "away" }] as FloorAgent[];
  assert.deepEqual(fromFloor(floor, "a1"), [{ agent: "a2", name: "Bob", but: "not responding" }]);
});
