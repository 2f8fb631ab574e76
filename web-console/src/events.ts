// What the events of a ticket make of what a person sees: a line each, and what has changed by it. Pure.

import { withDiscussionEvent } from "./discussion.ts";
import type { DiscussionEvent } from "./discussion.ts";
import type { CustomerTold, EventFrame, StaffAct, Step } from "./protocol.gen.ts";
import { roomAfter } from "./room.ts";
import { isOver, nameOf, withMember } from "./view.ts";
import type { Entry, View, WaitTold } from "./view.ts";

type TicketEvent = Exclude<EventFrame, DiscussionEvent>;
type Said = Extract<EventFrame, { kind: "message" | "own_message" | "noted" | "own_note" }>;
type Happened = Exclude<TicketEvent, Said>;

const ACTS: Record<StaffAct, (agent: string) => string> = {
  transfer: (agent) => `gave the ticket to ${agent}`,
  assign: (agent) => `assigned the ticket to ${agent}`,
  take_over: () => "took the ticket over",
  extend_wrap_up: () => "needs longer to write it up",
  end_wrap_up: () => "has written it up",
  transfer_to_category: () => "gave the ticket to another category",
  escalate: () => "asked for a supervisor",
  assign_beyond_limit: (agent) => `gave the ticket to ${agent} beyond his limit`,
  ignore: () => "ignores the ticket",
  end_ignore: () => "ignores the ticket no longer",
  consult: (agent) => `asked ${agent} into the notes`,
  consult_talk: (agent) => `asked ${agent} into the talk`,
  end_consult: (agent) => `ended the consultation of ${agent}`,
  end_escalation: () => "asks for no supervisor any more",
};

const STEPS: Record<Step, string> = {
  close: "closed the chat", reject: "turned the chat down", abandon: "left the queue", hold: "set the chat aside",
  resume: "took the chat up again", pend: "waits for the customer", reopen: "opened the chat again",
  requeue: "gave the chat back to the queue",
};

/** Events in order, as they came live or in a page. */
export function withEvents(view: View, events: readonly EventFrame[]): View {
  const entries = [...view.entries];
  let seen = view;
  for (const event of events) {
    if (isOfDiscussion(event)) {
      seen = { ...seen, ...withDiscussionEvent(seen, entries, event), room: seen.room && roomAfter(seen.room, event) };
      continue;
    }
    seen = { ...seen, ...changed(seen, event) };
    entries.push(isSaid(event) ? said(seen, event) : happened(seen, event));
  }
  return { ...seen, entries };
}

function isOfDiscussion(event: EventFrame): event is DiscussionEvent {
  switch (event.kind) {
    case "founded": case "entered": case "departed": case "post_deleted": case "slow_mode": case "moderated": return true;
    default: return false;
  }
}

function isSaid(event: TicketEvent): event is Said {
  return event.kind === "message" || event.kind === "own_message" || event.kind === "noted" || event.kind === "own_note";
}

/** What is otherwise than before the event. */
function changed(view: View, event: TicketEvent): Partial<View> {
  const { members, named } = view;
  switch (event.kind) {
    case "opened":
      return {
        named: 1, members: withMember(members, 0, { name: event.name || "Customer", role: "customer" }),
        category: event.category, subject: event.subject,
      };
    case "assigned": {
      const role = members[event.member]?.role ?? "agent";
      return { named: Math.max(named, event.member + 1), members: withMember(members, event.member, { name: event.name, role }), stage: "assigned", told: null, escalated: false };
    }
    case "member_added": return { named: named + 1, members: withMember(members, named, { name: event.name, role: event.role }) };
    case "advanced": return { stage: event.stage, told: null, escalated: view.escalated && !isOver(event.stage) };
    case "category_changed": return { stage: event.stage, category: event.category, told: null, escalated: false };
    case "message":
    case "own_message": return afterPost(view, event.author);
    case "phase_changed": return { phase: event.phase, told: null };
    case "customer_told": return event.cause === "silent" ? {} : { told: waitTold(event) };
    case "acted": return { escalated: event.act === "escalate" || (view.escalated && event.act !== "end_escalation") };
    case "noted": case "own_note":
    case "watch_began": case "watch_ended": case "agent_silent": return {};
  }
}

function waitTold({ seq, text, may_wait, may_leave_message }: CustomerTold): WaitTold {
  return { seq, text, mayWait: may_wait, mayLeaveMessage: may_leave_message };
}

/** Who has posted types no more; a customer's post takes a pending ticket up again. */
function afterPost(view: View, author: number): Partial<View> {
  const typing = new Map(view.typing);
  typing.delete(author);
  const takenUp = view.stage === "pending" && view.members[author]?.role === "customer";
  return { typing, stage: takenUp ? "assigned" : view.stage };
}

function said({ members }: View, event: Said): Entry {
  const { seq, at, text } = event;
  switch (event.kind) {
    case "message": return { seq, at, kind: "said", author: nameOf(members, event.author), text };
    case "own_message": return { seq, at, kind: "own", author: nameOf(members, event.author), text };
    case "noted": return { seq, at, kind: "aside", author: `${event.name}, ${event.note}`, text };
    case "own_note": return { seq, at, kind: "aside", author: `You, ${event.note}`, text };
  }
}

function happened(view: View, event: Happened): Entry {
  const [author, text] = whoDidWhat(view, event);
  return { seq: event.seq, at: event.at, kind: "act", author, text };
}

function whoDidWhat({ members }: View, event: Happened): [who: string, what: string] {
  const because = (reason: string) => (reason ? `: ${reason}` : "");
  switch (event.kind) {
    case "opened": return [nameOf(members, 0), "started the chat"];
    case "assigned": return [event.name, "has the chat"];
    case "advanced": return [nameOf(members, event.author), STEPS[event.step] + because(event.reason)];
    case "member_added": return [event.name, "joined the chat"];
    case "watch_began": return [event.name, "began to watch"];
    case "watch_ended": return [event.name, "ceased to watch"];
    case "phase_changed": return [nameOf(members, event.author), event.phase === "live" ? "goes on as a chat" : "goes on as a message"];
    case "category_changed": return ["The chat", `went to ${event.category}`];
    case "customer_told": return ["The desk", event.text];
    case "agent_silent":
      return [event.name, event.level === "warned" ? "was told that the customer waits for an answer" : "still owes an answer: supervisors were told"];
    case "acted": return [event.name || "Deskwire", ACTS[event.act](event.agent_name) + because(event.reason)];
  }
}
