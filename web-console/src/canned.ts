// The canned replies that fit a ticket, filled in for it by the engine, page by page.

import type { Desk } from "./desk.ts";
import type { CannedLine } from "./protocol.gen.ts";

export async function cannedReplies(desk: Desk, ticket: string): Promise<readonly CannedLine[]> {
  const replies: CannedLine[] = [];
  for (;;) {
    const page = await desk.ask({ kind: "ask_canned", ticket, after: replies.at(-1)?.id ?? 0 });
    if (page.kind !== "canned_replies") return replies;
    replies.push(...page.replies);
    if (!page.more || !page.replies.length) return replies;
  }
}
