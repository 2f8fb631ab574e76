// What a supervisor's page makes of the floor's frames. Part 6 of the floor.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ago, curve, percent, withAgents, withCategories } from "../src/floor.ts";
import type { FloorAgent, FloorAgents, FloorCategories, FloorCategory } from "../src/protocol.gen.ts";

function agent(id: number, live_active: number): FloorAgent {
  return {
    agent: id.toString(16).padStart(16, "0"), name: `Agent ${id}`, team: 1, status: "available", since: 0, here: true,
    live: 3, live_offered: 0, live_active, live_held: 0, live_wrap_up: 0,
    asynchronous: 9, asynchronous_offered: 0, asynchronous_active: 0, asynchronous_held: 0, asynchronous_wrap_up: 0,
  };
}

function frame(agents: FloorAgent[], gone: FloorAgent[]): FloorAgents {
  return { kind: "floor_agents", request: 0, at: 0, agents, gone: gone.map(({ agent }) => ({ agent })), more: false };
}

test("agents are replaced, added and taken out by what has changed", () => {
  const first = withAgents(new Map(), frame([agent(1, 0), agent(2, 0)], []));
  const then = withAgents(first, frame([agent(2, 1), agent(3, 0)], [agent(1, 0)]));
  assert.deepEqual([...then.values()], [agent(2, 1), agent(3, 0)]);
  assert.equal(first.size, 2, "what was shown before is left alone");
});

test("categories are known by their names", () => {
  const line = { category: "general", waiting_live: 1 } as FloorCategory;
  const categories = (line: FloorCategory): FloorCategories => ({ kind: "floor_categories", request: 0, at: 0, window_s: 1_800, counted_since: 0, categories: [line], more: false });
  const known = withCategories(withCategories(new Map(), categories(line)), categories({ ...line, waiting_live: 2 }));
  assert.deepEqual([...known.values()].map(({ waiting_live }) => waiting_live), [2]);
});

test("figures are in people's words", () => {
  assert.equal(percent(833), "83.3 %");
  assert.equal(ago(1_000, 66_500), "1:05");
  assert.equal(ago(0, 66_500), "–");
  const minute = (waiting: number) => ({ waiting, oldest_s: 0, served: 0, in_time: 0, abandoned: 0 });
  assert.equal(curve([minute(0), minute(200), minute(100)], 200, 100, 10), "0.0,10.0 50.0,0.0 100.0,5.0");
});
