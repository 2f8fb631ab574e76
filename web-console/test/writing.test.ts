// When the input is disabled. C07.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { StageName } from "../src/protocol.gen.ts";
import { closedBecause } from "../src/writing.ts";

const STAGES: StageName[] = ["waiting", "assigned", "pending", "on_hold", "closed", "rejected", "abandoned", "reopened"];

test("the input is disabled when posting is not allowed", () => {
  const customer = (earlyPosts: boolean) => ({ customer: { earlyPosts } });
  const staff = (mine: boolean) => ({ staff: { mine } });
  // y = may write; a column for each stage above.
  const rows = [
    [customer(true), "yyyy---y"],
    [customer(false), "-yyy----"],
    [staff(true), "yyyy---y"],
    [staff(false), "--------"],
  ] as const;
  for (const [as, row] of rows) {
    const found = STAGES.map((stage) => (closedBecause({ stage, gone: "", as }) ? "-" : "y")).join("");
    assert.equal(found, row, JSON.stringify(as));
  }
  assert.match(closedBecause({ stage: "assigned", gone: "it fell", as: staff(true) }), /cannot be shown/);
  assert.match(closedBecause({ stage: "waiting", gone: "", as: customer(false) }), /once an agent/);
});
