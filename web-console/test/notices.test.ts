// What a page shows of what its person was told of. E03.

import assert from "node:assert/strict";
import { test } from "node:test";

import { NOTHING_TOLD, withNotice, withPage, withRead, wordsOfNotice } from "../src/notices.ts";
import type { NoticeLine, Notified } from "../src/protocol.gen.ts";

const ticket = "00000000000000ff";
const line = (number: number, read = false): NoticeLine =>
  ({ number, what: "accepted", ticket, at: 0, read, by: "Alice", detail: "Help" });
const notified = (number: number, unread: number): Notified =>
  ({ kind: "notified", number, what: "closed", ticket, at: 0, by: "", detail: "", unread });

test("notices are shown the newest first, each once, with a toast for what has just been told", () => {
  const page = withPage(NOTHING_TOLD, { kind: "notices", request: 1, unread: 1, more: true, notices: [line(2), line(1, true)] });
  assert.deepEqual([page.lines.map(({ number }) => number), page.unread, page.more, page.toast], [[2, 1], 1, true, null]);
  const told = withNotice(withNotice(page, notified(3, 2)), notified(3, 2));
  assert.deepEqual([told.lines.map(({ number }) => number), told.unread, told.toast?.number], [[3, 2, 1], 2, 3]);
  assert.equal(wordsOfNotice(told.lines[0]!), "The desk closed the chat");
  assert.equal(wordsOfNotice(line(1)), "Alice has your chat: Help");
});

test("one or all notices are read, and the toast goes with its own", () => {
  const told = withNotice(withNotice(NOTHING_TOLD, notified(1, 1)), notified(2, 2));
  const one = withRead(told, { number: 1, unread: 1 });
  assert.deepEqual([one.lines.map(({ read }) => read), one.unread, one.toast?.number], [[false, true], 1, 2]);
  const all = withRead(told, { number: 0, unread: 0 });
  assert.deepEqual([all.lines.every(({ read }) => read), all.unread, all.toast], [true, 0, null]);
});
