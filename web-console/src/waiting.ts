// What a customer reads of where his ticket stands, and what he may choose while he waits. Pure.

import type { Phase } from "./protocol.gen.ts";
import type { View } from "./view.ts";

/** What he may do where the desk has told him that his wait is no ordinary one. */
export type Choice = "wait" | "message" | "leave";

export function isWaiting({ stage }: Pick<View, "stage">): boolean {
  return stage === "waiting" || stage === "reopened";
}

/** The choices that are open; none where nothing was told, or he has chosen to wait since (`chosen`, the event he was told by). */
export function choicesOf(view: View, chosen: number): readonly Choice[] {
  const { told } = view;
  if (!told || told.seq <= chosen || !isWaiting(view) || view.phase === "asynchronous") return [];
  const choices: Choice[] = [];
  if (told.mayWait) choices.push("wait");
  if (told.mayLeaveMessage) choices.push("message");
  return [...choices, "leave"];
}

/** Whether the two sides are there at the same time: as was last said of it, else as it was opened here. */
export function phaseOf({ phase }: Pick<View, "phase">, openedAs: Phase): Phase {
  return phase ?? openedAs;
}

/** Where the ticket stands, in a sentence or two. */
export function stageWords(view: View, phase: Phase): string {
  const agent = [...view.members].reverse().find((member) => member && member.role !== "customer")?.name ?? "An agent";
  const byMessage = phase === "asynchronous";
  switch (view.stage) {
    case "waiting":
    case "reopened": return byMessage ? "You left a message. The answer will stand here: you need not wait for it." : positionWords(view.position, view.waitS);
    case "assigned": return byMessage ? `${agent} has your message. The answer will stand here.` : `${agent} is with you.`;
    case "pending": return `${agent} waits for your answer.`;
    case "on_hold": return `${agent} has set the ${byMessage ? "message" : "chat"} aside and will come back.`;
    case "closed": return "The chat is closed.";
    case "rejected": return "The chat was turned down.";
    case "abandoned": return byMessage ? "You took the message back." : "You left the queue.";
  }
}

function positionWords(position: number, waitS: number): string {
  if (!position) return "Waiting for an agent …";
  const minutes = Math.ceil(waitS / 60);
  return `You are number ${position} in the queue.${waitS ? ` About ${minutes} minute${minutes === 1 ? "" : "s"}.` : ""}`;
}
