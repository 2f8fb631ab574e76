// The binary form of the frames: a kind byte, then what rkyv 0.8 writes for the kind's fields (see protocol/PROTOCOL.md).
// Driven by the generated tables; reads nothing but exactly what would be written, and throws on all else.

import { CLIENT_KINDS, SERVER_KINDS } from "./protocol.gen.ts";
import type { ClientFrame, Field, FieldType, Kind, ServerFrame } from "./protocol.gen.ts";

/** Bytes that are no frame, or a value that has no place in one. */
export class Malformed extends Error {}

type Values = Record<string, unknown>;

const utf8 = { write: new TextEncoder(), read: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }) };
const SIZES = { bool: 1, u8: 1, u16: 2, u32: 4, id64: 8, id128: 16, time: 6, text: 8, batch: 8 } as const;

function need(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Malformed(what);
}

function sizeOf(type: FieldType): number {
  if (typeof type === "string") return SIZES[type];
  return "list" in type ? 8 : 1;
}

function rootSize(fields: readonly Field[]): number {
  return fields.reduce((sum, [, type]) => sum + sizeOf(type), 0);
}

function within(size: number, [name, , max]: Field): void {
  need(max === undefined || size <= max, `${name} has ${size} and may have ${max}`);
}

// ---- writing: first what stands outside, in order, then the roots ----

type Outside = { readonly at: number; readonly size: number; readonly bytes?: Uint8Array };

function integer(out: number[], value: unknown, bytes: number): void {
  need(typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** (8 * bytes), "a number out of range");
  for (let at = 0; at < bytes; at++) out.push(Math.floor(value / 2 ** (8 * at)) % 256);
}

function append(out: number[], bytes: Uint8Array): void {
  for (const byte of bytes) out.push(byte);
}

function writeOutside(out: number[], field: Field, value: unknown): Outside {
  const [, type] = field;
  if (type === "text") {
    need(typeof value === "string", "a text");
    const bytes = utf8.write.encode(value);
    within(bytes.length, field);
    const at = out.length;
    if (bytes.length > 8) append(out, bytes);
    return { at, size: bytes.length, bytes };
  }
  if (type !== "batch" && (typeof type === "string" || !("list" in type))) return { at: 0, size: 0 };
  need(Array.isArray(value), "a list");
  if (type === "batch") {
    const at = out.length;
    for (const event of value as ServerFrame[]) {
      const bytes = serverFrames.encode(event);
      integer(out, bytes.length, 4);
      append(out, bytes);
    }
    within(out.length - at, field);
    return { at, size: out.length - at };
  }
  within(value.length, field);
  const items = (value as Values[]).map((item) => [item, type.list.map((inner) => writeOutside(out, inner, item[inner[0]]))] as const);
  const at = out.length;
  for (const [item, outsides] of items) writeRoot(out, type.list, item, outsides);
  return { at, size: items.length };
}

function writeRoot(out: number[], fields: readonly Field[], values: Values, outsides: readonly Outside[]): void {
  fields.forEach(([name, type], index) => {
    const value = values[name];
    if (typeof type !== "string" && !("list" in type)) {
      const word = type.indexOf(value as string);
      need(word >= 0, `${name} is none of the words`);
      out.push(word);
    } else if (type === "bool") {
      need(typeof value === "boolean", `${name} is true or false`);
      out.push(value ? 1 : 0);
    } else if (type === "id64" || type === "id128") {
      need(typeof value === "string" && value.length === 2 * SIZES[type] && /^[0-9a-f]*$/.test(value), `${name} is an id`);
      for (let at = value.length - 2; at >= 0; at -= 2) out.push(parseInt(value.slice(at, at + 2), 16));
    } else if (type === "u8" || type === "u16" || type === "u32" || type === "time") {
      integer(out, value, SIZES[type]);
    } else {
      writePointer(out, type === "text", outsides[index]!);
    }
  });
}

function writePointer(out: number[], text: boolean, { at, size, bytes }: Outside): void {
  if (text && size <= 8) {
    for (let index = 0; index < 8; index++) out.push(bytes![index] ?? 0xff);
    return;
  }
  const offset = (at - out.length) >>> 0;
  if (text) integer(out, ((size & 0x3f) | 0x80 | ((size & ~0x3f) << 2)) >>> 0, 4);
  integer(out, offset, 4);
  if (!text) integer(out, size, 4);
}

// ---- reading: each outside must begin where the one before it ended, so nothing is read twice or skipped ----

class Reader {
  private next = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  frame(fields: readonly Field[]): Values {
    const root = this.bytes.length - rootSize(fields);
    need(root >= 0, "too short");
    const values = this.root(fields, root);
    need(this.next === root, "not as long as its fields");
    return values;
  }

  private root(fields: readonly Field[], root: number): Values {
    const values: Values = {};
    for (const field of fields) {
      values[field[0]] = this.value(field, root);
      root += sizeOf(field[1]);
    }
    return values;
  }

  private value(field: Field, at: number): unknown {
    const [name, type] = field;
    if (typeof type !== "string") {
      if ("list" in type) return this.list(type.list, field, at);
      const word = type[this.bytes[at]!];
      need(word !== undefined, `${name} is none of the words`);
      return word;
    }
    switch (type) {
      case "bool":
        need(this.bytes[at]! <= 1, `${name} is true or false`);
        return this.bytes[at] === 1;
      case "u8": return this.bytes[at];
      case "u16": return this.view.getUint16(at, true);
      case "u32": return this.view.getUint32(at, true);
      case "time": return this.view.getUint32(at, true) + this.view.getUint16(at + 4, true) * 2 ** 32;
      case "id64":
      case "id128":
        return Array.from(this.bytes.subarray(at, at + SIZES[type]), (byte) => byte.toString(16).padStart(2, "0")).reverse().join("");
      case "text": return this.text(field, at);
      case "batch": return this.batch(field, at);
    }
  }

  /** The bytes that stand outside: they begin where the last ones ended, and end before what points at them. */
  private take(begin: number, size: number, before: number): Uint8Array {
    need(begin === this.next && begin + size <= before, "an offset out of place");
    this.next += size;
    return this.bytes.subarray(begin, begin + size);
  }

  private text(field: Field, at: number): string {
    let bytes = this.bytes.subarray(at, at + 8);
    if ((bytes[0]! & 0xc0) === 0x80) {
      const length = this.view.getUint32(at, true);
      const size = (length & 0x3f) | ((length & ~0xff) >>> 2);
      need(size > 8, "a short text outside");
      bytes = this.take(at + this.view.getInt32(at + 4, true), size, at);
    } else {
      const end = bytes.indexOf(0xff);
      if (end >= 0) {
        need(bytes.subarray(end).every((byte) => byte === 0xff), "a text with bytes behind its end");
        bytes = bytes.subarray(0, end);
      }
    }
    within(bytes.length, field);
    try {
      return utf8.read.decode(bytes);
    } catch {
      throw new Malformed("not UTF-8");
    }
  }

  private list(fields: readonly Field[], field: Field, at: number): Values[] {
    const begin = at + this.view.getInt32(at, true);
    const count = this.view.getUint32(at + 4, true);
    const size = rootSize(fields);
    within(count, field);
    need(begin >= this.next && begin + count * size <= at, "a list out of place");
    const items = Array.from({ length: count }, (_, index) => this.root(fields, begin + index * size));
    this.take(begin, count * size, at);
    return items;
  }

  private batch(field: Field, at: number): ServerFrame[] {
    let rest = this.take(at + this.view.getInt32(at, true), this.view.getUint32(at + 4, true), at);
    within(rest.length, field);
    const events: ServerFrame[] = [];
    while (rest.length > 0) {
      need(rest.length >= 4, "a batch cut short");
      const end = 4 + new DataView(rest.buffer, rest.byteOffset).getUint32(0, true);
      need(end <= rest.length, "a batch cut short");
      need(SERVER_KINDS.some(({ number, event }) => event && number === rest[4]), "a batch holds events");
      events.push(serverFrames.decode(rest.subarray(4, end)));
      rest = rest.subarray(end);
    }
    return events;
  }
}

/** Both ways between frames and bytes, for one direction of the table. */
function codec<Frame extends { kind: string }>(kinds: readonly Kind[]) {
  const byNumber = new Map(kinds.map((kind) => [kind.number, kind]));
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  return {
    encode(frame: Frame): Uint8Array<ArrayBuffer> {
      const kind = byName.get(frame.kind);
      need(kind !== undefined, `${frame.kind} is no kind of frame`);
      const values = frame as unknown as Values;
      const out: number[] = [];
      const outsides = kind.fields.map((field) => writeOutside(out, field, values[field[0]]));
      writeRoot(out, kind.fields, values, outsides);
      return Uint8Array.from([kind.number, ...out]);
    },
    decode(bytes: Uint8Array): Frame {
      const kind = byNumber.get(bytes[0] ?? 0);
      need(kind !== undefined, `${bytes[0]} is no kind of frame`);
      return { kind: kind.kind, ...new Reader(bytes.subarray(1)).frame(kind.fields) } as unknown as Frame;
    },
  };
}

/** What clients send. */
export const clientFrames = codec<ClientFrame>(CLIENT_KINDS);
/** What the engine sends. */
export const serverFrames = codec<ServerFrame>(SERVER_KINDS);
