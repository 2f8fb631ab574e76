// The queue as one person's page knows it: what waits, and what he has hidden from himself. Pure.

import { without } from "./maps.ts";
import type { Priority, QueueEntry, QueueGone } from "./protocol.gen.ts";

export interface Queue {
  readonly waiting: ReadonlyMap<string, QueueEntry>;
  /** Ignored since this page was opened: they can be shown again. */
  readonly ignored: ReadonlyMap<string, QueueEntry>;
}

export const EMPTY_QUEUE: Queue = { waiting: new Map(), ignored: new Map() };

export function withEntry({ waiting, ignored }: Queue, entry: QueueEntry): Queue {
  return { waiting: new Map(waiting).set(entry.ticket, entry), ignored: without(ignored, entry.ticket) };
}

export function withGone({ waiting, ignored }: Queue, { ticket, exit }: Pick<QueueGone, "ticket" | "exit">): Queue {
  const entry = waiting.get(ticket);
  const kept = exit === "ignored" && entry ? new Map(ignored).set(ticket, entry) : without(ignored, ticket);
  return { waiting: without(waiting, ticket), ignored: kept };
}

const PRIORITY_ORDER: Record<Priority, number> = { urgent: 0, high: 1, normal: 2, low: 3 };

/** The most urgent first, then the one that came first. */
export function inOrder(entries: Iterable<QueueEntry>): QueueEntry[] {
  return [...entries].sort((a, b) => PRIORITY_ORDER[a.priority] - PRIORITY_ORDER[b.priority] || a.since - b.since);
}
