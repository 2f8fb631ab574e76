// A person's notices as his page knows them: the newest first, how many are unread, and the one to show now. Pure.

import { LIMITS } from "./protocol.gen.ts";
import type { NoticeLine, NoticeWord, Notices, NoticesRead, Notified } from "./protocol.gen.ts";

export interface Told {
  readonly lines: readonly NoticeLine[];
  readonly unread: number;
  /** Whether there are older ones. */
  readonly more: boolean;
  /** What has just been told, until it is dismissed. */
  readonly toast: NoticeLine | null;
}

export const NOTHING_TOLD: Told = { lines: [], unread: 0, more: false, toast: null };

/** A page of the list: the first, or what follows what is known. */
export function withPage(told: Told, page: Notices): Told {
  const known = new Map([...told.lines, ...page.notices].map((line) => [line.number, line]));
  return { ...told, lines: newestFirst(known.values()), unread: page.unread, more: page.more };
}

export function withNotice(told: Told, { number, what, ticket, at, by, detail, unread }: Notified): Told {
  const line: NoticeLine = { number, what, ticket, at, by, detail, read: false };
  const others = told.lines.filter((known) => known.number !== number);
  return { ...told, lines: newestFirst([line, ...others]), unread, toast: line };
}

/** Some are read: one, or all (0). */
export function withRead(told: Told, { number, unread }: Pick<NoticesRead, "number" | "unread">): Told {
  const lines = told.lines.map((line) => (number === 0 || line.number === number ? { ...line, read: true } : line));
  const toast = told.toast && (number === 0 || told.toast.number === number) ? null : told.toast;
  return { ...told, lines, unread, toast };
}

function newestFirst(lines: Iterable<NoticeLine>): NoticeLine[] {
  return [...lines].sort((a, b) => b.number - a.number).slice(0, LIMITS.NOTICES_KEPT_MAX);
}

const WORDS: Record<NoticeWord, (by: string) => string> = {
  accepted: (by) => `${by} has your chat`,
  rejected: (by) => `${by} turned the chat down`,
  transferred: (by) => `${by} has your chat now`,
  closed: (by) => `${by} closed the chat`,
  given: (by) => `${by} gave you a ticket`,
  taken_away: (by) => `${by} moved a ticket of yours`,
  whispered: (by) => `${by} has a word for you`,
  evaluated: (by) => `${by} evaluated you`,
};

/** A notice in words. */
export function wordsOfNotice({ what, by, detail }: NoticeLine): string {
  return WORDS[what](by || "The desk") + (detail ? `: ${detail}` : "");
}
