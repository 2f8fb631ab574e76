// When a connection comes back, and when it stays away.

import assert from "node:assert/strict";
import { test } from "node:test";

import { delayMs, mayReturn } from "../src/connection.ts";
import { CLOSES } from "../src/protocol.gen.ts";

test("the delay doubles up to a bound, and a random half of it is left out", () => {
  assert.deepEqual([0, 1, 2, 3].map((attempt) => delayMs(attempt, 1)), [250, 500, 1_000, 2_000]);
  assert.equal(delayMs(0, 0), 125);
  assert.equal(delayMs(1_000, 1), 10_000);
});

test("close codes from 4100 on stay away, a lost line and a restart come back", () => {
  for (const code of [1000, 1001, 1005, 1006, 1011, 1012, 4000, 4001, 4002]) assert.ok(mayReturn(code), `${code}`);
  for (const code of [1002, 1003, 1007, 1009, 4100, 4101, 4102, 4103, 4104, 4999]) assert.ok(!mayReturn(code), `${code}`);
  for (const code of Object.keys(CLOSES).map(Number)) assert.equal(mayReturn(code), code === 1000 || CLOSES[code]!.comeBack);
});
