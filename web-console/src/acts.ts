// What staff may do about a ticket by its stage, what each act asks for, and the request that it is. Pure; the engine judges.

import type { Request } from "./asking.ts";
import type { FloorAgent, Manner, Obstacle, Role, RoutingLine, StageName, Step } from "./protocol.gen.ts";

/** Steps that need no words: a button each. */
export type PlainStep = Extract<Step, "hold" | "resume" | "pend">;
/** What stands in the menu. */
export type Act =
  | "escalate" | "end_escalation" | "hand_over" | "to_category" | "requeue" | "take_over" | "reject" | "ignore" | "reopen";
/** What must be said to do it. */
export type Ask = "agent" | "category" | "reason";

interface Meaning {
  readonly label: string;
  readonly asks: readonly Ask[];
}

export const ACTS: Record<Act, Meaning> = {
  escalate: { label: "Ask for a supervisor", asks: ["reason"] },
  end_escalation: { label: "Ask for no supervisor any more", asks: ["reason"] },
  hand_over: { label: "Give it to a colleague", asks: ["agent", "reason"] },
  to_category: { label: "Give it to another category", asks: ["category", "reason"] },
  requeue: { label: "Give it back to the queue", asks: ["reason"] },
  take_over: { label: "Take it over", asks: ["reason"] },
  reject: { label: "Turn it down", asks: ["reason"] },
  ignore: { label: "Ignore it", asks: [] },
  reopen: { label: "Restore it", asks: ["reason"] },
};

export const STEP_LABELS: Record<PlainStep, string> = { hold: "Hold", resume: "Resume", pend: "Wait for the customer" };

export const MANNERS: Record<Manner, string> = {
  at_once: "at once", if_accepted: "if he accepts", beyond_limit: "beyond his limit",
};

/** What must be known of a ticket, and of who asks. */
export interface About {
  readonly stage: StageName;
  readonly role: Role;
  readonly mine: boolean;
  readonly escalated: boolean;
}

function leads(role: Role): boolean {
  return role === "supervisor" || role === "admin";
}

/** The steps of its owner. */
export function stepsOf(stage: StageName): readonly PlainStep[] {
  switch (stage) {
    case "assigned": return ["hold", "pend"];
    case "pending": return ["resume", "hold"];
    case "on_hold": return ["resume"];
    case "waiting": case "reopened": case "closed": case "rejected": case "abandoned": return [];
  }
}

/** What the menu offers. */
export function actsOf({ stage, role, mine, escalated }: About): readonly Act[] {
  switch (stage) {
    case "waiting":
    case "reopened": {
      const moves: Act[] = leads(role) ? ["hand_over", "to_category"] : [];
      return role === "admin" ? ["reject", ...moves] : ["reject", "ignore", ...moves];
    }
    case "assigned":
    case "pending":
    case "on_hold":
      if (mine) return [escalated ? "end_escalation" : "escalate", "hand_over", "to_category", "requeue"];
      if (role === "supervisor") return ["take_over", "hand_over", "to_category", "requeue"];
      return role === "admin" ? ["hand_over", "to_category"] : [];
    case "closed": return role === "admin" ? [] : ["reopen"];
    case "rejected": return leads(role) ? ["reopen"] : [];
    case "abandoned": return [];
  }
}

/** How a ticket may be given to somebody: beyond his limit by supervisors and admins alone. */
export function mannersOf(role: Role): readonly Manner[] {
  return leads(role) ? ["at_once", "if_accepted", "beyond_limit"] : ["at_once", "if_accepted"];
}

/** What was said in the menu. */
export interface Draft {
  readonly agent: string;
  readonly manner: Manner;
  readonly category: string;
  readonly reason: string;
}

export function requestOf(ticket: string, act: Act, { agent, manner, category, reason }: Draft): Request {
  switch (act) {
    case "escalate": return { kind: "escalate", ticket, on: true, reason };
    case "end_escalation": return { kind: "escalate", ticket, on: false, reason };
    case "hand_over": return { kind: "hand_over", ticket, agent, manner, reason };
    case "to_category": return { kind: "transfer_to_category", ticket, category, reason };
    case "take_over": return { kind: "take_over", ticket, reason };
    case "ignore": return { kind: "ignore", ticket, on: true };
    case "requeue":
    case "reject":
    case "reopen": return { kind: "advance", ticket, step: act, reason };
  }
}

/** Somebody a ticket may be given to. */
export interface Colleague {
  readonly agent: string;
  readonly name: string;
  /** What would keep it from him, as far as that is known. */
  readonly but: string;
}

const BUTS: Partial<Record<Obstacle, string>> = { gone: "gone", away: "away", full: "full", team_full: "his team is full", skill: "lacks a skill" };

/** Those whom the routing of a ticket has looked at, without oneself. */
export function fromRouting(candidates: readonly RoutingLine[], me: string): readonly Colleague[] {
  return byName(candidates.map(({ agent, name, obstacle }) => ({ agent, name, but: BUTS[obstacle] ?? "" })), me);
}

/** Those on the floor, without oneself. */
export function fromFloor(agents: readonly FloorAgent[], me: string): readonly Colleague[] {
  return byName(agents.map(({ agent, name, status }) => ({ agent, name, but: status === "available" ? "" : status.replace("_", " ") })), me);
}

function byName(colleagues: readonly Colleague[], me: string): readonly Colleague[] {
  return colleagues.filter(({ agent, name }) => agent !== me && name).sort((a, b) => a.name.localeCompare(b.name));
}
