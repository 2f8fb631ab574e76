// What staff are told of tickets beside the talk: those that wait for a supervisor, and what a toast says. Pure.

import { without } from "./maps.ts";
import type { AllDeclined, Escalation, OfferExit, SilenceAlarm, TransferAnswered } from "./protocol.gen.ts";

export type Alarm = TransferAnswered | SilenceAlarm | AllDeclined;

/** Those that wait for a supervisor now. */
export function withEscalation(waiting: ReadonlyMap<string, Escalation>, told: Escalation): ReadonlyMap<string, Escalation> {
  return told.since ? new Map(waiting).set(told.ticket, told) : without(waiting, told.ticket);
}

/** The one that has waited longest first. */
export function longestFirst(waiting: ReadonlyMap<string, Escalation>): readonly Escalation[] {
  return [...waiting.values()].sort((a, b) => a.since - b.since);
}

const ANSWERS: Record<OfferExit, (name: string) => string> = {
  accepted: (name) => `${name} has taken the ticket`,
  declined: (name) => `${name} will not have the ticket: it stays yours`,
  lapsed: (name) => `${name} has not answered: the ticket stays yours`,
  rescinded: (name) => `${name} is no longer asked for the ticket`,
};

/** An alarm in words; `about` is what the ticket is about, where that is known here, and `me` whoever reads it. */
export function wordsOfAlarm(alarm: Alarm, about: string, me: string): string {
  const of = about && `: ${about}`;
  switch (alarm.kind) {
    case "transfer_answered": return ANSWERS[alarm.exit](alarm.name || "The colleague") + of;
    case "all_declined": return `Everybody at work has declined a ticket of ${alarm.category}${of}`;
    case "silence_alarm":
      return (alarm.agent === me ? "A customer waits for your answer" : `A customer waits for an answer of ${alarm.name}`) + of;
  }
}
