// How a customer's ticket is opened: as a chat, or with a text as a message; and what is said where it is not. Pure.

import type { Request } from "./asking.ts";
import type { Closure, TurnedAway } from "./protocol.gen.ts";

/** What is to be opened; kept over a reload, so that a lost answer never makes a second one. */
export interface Opening {
  readonly key: string;
  readonly category: string;
  readonly subject: string;
  /** Set where it is left as a message, for an answer that comes later. */
  readonly text?: string;
}

export function requestOf({ key, category, subject, text }: Opening): Request {
  if (text === undefined) return { kind: "open", key, category, subject, priority: "normal" };
  return { kind: "open_with", key, category, subject, priority: "normal", phase: "asynchronous", skills: [], text };
}

const CLOSURES: Record<Closure, string> = {
  closed: "We are closed now.",
  ending: "We close soon and begin no new chats.",
  nobody: "Nobody is here to chat now.",
  full: "All of us are in other chats now.",
  queue_full: "Too many wait already.",
};

/** What the category has to say, or what its reason comes to where it has no words of its own. */
export function awayWords({ cause, text }: Pick<TurnedAway, "cause" | "text">): string {
  return text || CLOSURES[cause];
}

/** When it opens: the day is named where it is not today's; nothing where nobody knows. */
export function opensWords(opens: number, now: number, locale?: string): string {
  if (!opens) return "";
  const [then, today] = [new Date(opens), new Date(now)];
  const time = then.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === today.toDateString()) return `We open today at ${time}.`;
  return `We open on ${then.toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long" })} at ${time}.`;
}
