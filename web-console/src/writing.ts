// Whether something can be written into a ticket now, and if not, why: what disables the input. Pure.

import type { StageName } from "./protocol.gen.ts";
import { isOver } from "./view.ts";

/** What must be known to say so. */
export interface Writing {
  readonly stage: StageName;
  /** Why the ticket cannot be heard; empty if it can. */
  readonly gone: string;
  /** A customer: whether his category takes posts before an agent has the chat. Staff: whether the ticket is theirs. */
  readonly as: { readonly customer: { readonly earlyPosts: boolean } } | { readonly staff: { readonly mine: boolean } };
}

/** Why nothing can be written now; empty where it can. The engine refuses the same. */
export function closedBecause({ stage, gone, as }: Writing): string {
  if (isOver(stage)) return "This chat is closed.";
  if (gone) return "This chat cannot be shown.";
  if ("staff" in as) return as.staff.mine ? "" : "This ticket is not yours.";
  const waits = stage === "waiting" || stage === "reopened";
  return waits && !as.customer.earlyPosts ? "You can write once an agent has the chat." : "";
}
