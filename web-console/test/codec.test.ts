// The codec is held against the golden bytes that the Rust side wrote, and against hostile bytes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Malformed, clientFrames, serverFrames } from "../src/codec.ts";
import type { ClientFrame, ServerFrame } from "../src/protocol.gen.ts";
import { CLIENT_KINDS, SERVER_KINDS } from "../src/protocol.gen.ts";

interface Golden {
  readonly direction: string;
  readonly kind: string;
  readonly hex: string;
  readonly json: string;
}

const lines = readFileSync("../protocol/golden/frames.txt", "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
const golden: Golden[] = [];
for (let at = 0; at < lines.length; at += 3) {
  const [direction, kind] = lines[at]!.split(" ");
  golden.push({ direction: direction!, kind: kind!, hex: lines[at + 1]!, json: lines[at + 2]! });
}

const codecs = { client: clientFrames, server: serverFrames } as const;
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function decode(direction: string, bytes: Uint8Array): ClientFrame | ServerFrame {
  return codecs[direction as keyof typeof codecs].decode(bytes);
}

function encode(direction: string, frame: ClientFrame | ServerFrame): Uint8Array {
  return direction === "client" ? clientFrames.encode(frame as ClientFrame) : serverFrames.encode(frame as ServerFrame);
}

test("the golden bytes of every kind are read and written again alike", () => {
  for (const { direction, hex, json } of golden) {
    assert.equal(JSON.stringify(decode(direction, Buffer.from(hex, "hex"))), json);
    assert.equal(hexOf(encode(direction, JSON.parse(json))), hex, json);
  }
  for (const [direction, kinds] of [["client", CLIENT_KINDS], ["server", SERVER_KINDS]] as const) {
    for (const { kind } of kinds) {
      assert.ok(golden.filter((it) => it.direction === direction && it.kind === kind).length >= 2, kind);
    }
  }
});

test("a text of any length comes back as it went", () => {
  for (const unit of ["x", "é", "世", "👋", "\ufeff"]) {
    for (const length of [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 21, 31, 63, 64, 65, 255, 256, 1000, 4000]) {
      const frame: ClientFrame = { kind: "post", ticket: "0123456789abcdef", number: 1, text: unit.repeat(length) };
      assert.deepEqual(clientFrames.decode(clientFrames.encode(frame)), frame);
    }
  }
});

/** Refused with the one error, or exactly what would be written again. */
function refusedOrExact(direction: string, bytes: Uint8Array): void {
  try {
    assert.equal(hexOf(encode(direction, decode(direction, bytes))), hexOf(bytes));
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
  }
}

test("bytes cut short, with garbage, or changed anywhere are refused or exactly a frame", () => {
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (const { direction, hex } of golden) {
    const whole = Buffer.from(hex, "hex");
    for (let at = 0; at < whole.length; at++) {
      refusedOrExact(direction, whole.subarray(0, at));
      refusedOrExact(direction, Buffer.concat([whole.subarray(0, 1), whole.subarray(at)]));
      const changed = Buffer.from(whole);
      changed[at] = random(256);
      refusedOrExact(direction, changed);
      changed[random(changed.length)] = [0, 0x7f, 0x80, 0xff][random(4)]!;
      refusedOrExact(direction, changed);
    }
    assert.throws(() => decode(direction, Buffer.concat([whole.subarray(0, 1), Buffer.from("x"), whole.subarray(1)])), Malformed);
  }
});

test("random bytes never do anything but throw the one error", () => {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: random(120) }, () => random(256));
    const [direction, kinds] = round % 2 ? (["client", CLIENT_KINDS] as const) : (["server", SERVER_KINDS] as const);
    if (bytes.length) bytes[0] = kinds[random(kinds.length)]!.number;
    refusedOrExact(direction, bytes);
  }
});

test("values that have no place in a frame are refused before they are sent", () => {
  const refused = (frame: unknown) => assert.throws(() => clientFrames.encode(frame as ClientFrame), Malformed);
  refused({ kind: "nothing" });
  refused({ kind: "ping", nonce: -1 });
  refused({ kind: "ping", nonce: 1.5 });
  refused({ kind: "ping", nonce: 2 ** 32 });
  refused({ kind: "ping" });
  refused({ kind: "typing", ticket: "ff" });
  refused({ kind: "typing", ticket: "00000000000000FF" });
  refused({ kind: "set_status", request: 1, status: "asleep" });
  refused({ kind: "watch_queue", request: 1, on: 1 });
  refused({ kind: "post", ticket: "00000000000000ff", number: 1, text: "x".repeat(16_385) });
  refused({ kind: "post", ticket: "00000000000000ff", number: 1 });
});

test("a page within a page is refused", () => {
  const page: ServerFrame = { kind: "page", ticket: "00000000000000ff", head: 0, more: false, events: [] };
  const nested = serverFrames.encode({ ...page, events: [page as never] });
  assert.throws(() => serverFrames.decode(nested), Malformed);
});
