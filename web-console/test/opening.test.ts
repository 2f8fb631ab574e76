// What a customer's page asks for when it opens a ticket, and what it says where there is none. B05, B26.

import assert from "node:assert/strict";
import { test } from "node:test";

import { awayWords, opensWords, requestOf } from "../src/opening.ts";

const opening = { key: "00".repeat(16), category: "general", subject: "Fire" };

test("a ticket with a text is opened as a message, one without as a chat", () => {
  assert.deepEqual(requestOf(opening), { kind: "open", priority: "normal", ...opening });
  assert.deepEqual(requestOf({ ...opening, text: "It burns." }), {
    kind: "open_with", priority: "normal", phase: "asynchronous", skills: [], text: "It burns.", ...opening,
  });
});

test("who is turned away reads the category's words, and its reason where it has none", () => {
  assert.equal(awayWords({ cause: "closed", text: "Come on Monday." }), "Come on Monday.");
  assert.equal(awayWords({ cause: "closed", text: "" }), "We are closed now.");
});

test("when it opens is said with the day where that is not today, and not at all where nobody knows", () => {
  const at = (day: number, hour: number) => new Date(2_026, 2, day, hour, 30).getTime();
  assert.equal(opensWords(0, at(6, 7), "en-GB"), "");
  assert.equal(opensWords(at(6, 8), at(6, 7), "en-GB"), "We open today at 08:30.");
  assert.match(opensWords(at(9, 8), at(6, 19), "en-GB"), /^We open on Monday,? 9 March at 08:30\.$/);
});
