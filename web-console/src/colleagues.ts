// Whom a ticket may be given to: for those who watch the floor all whom they oversee, for an agent those its routing looked at.

import { fromFloor, fromRouting } from "./acts.ts";
import type { Colleague } from "./acts.ts";
import type { Desk } from "./desk.ts";
import type { FloorAgent } from "./protocol.gen.ts";

export async function colleagues(desk: Desk, ticket: string): Promise<readonly Colleague[]> {
  const me = desk.me.value?.person ?? "";
  if (desk.me.value?.role !== "agent") return fromFloor(await floor(desk), me);
  const answer = await desk.ask({ kind: "ask_routing", ticket });
  return answer.kind === "routing_explained" ? fromRouting(answer.candidates, me) : [];
}

async function floor(desk: Desk): Promise<readonly FloorAgent[]> {
  const agents: FloorAgent[] = [];
  for (let page = 0; ; page++) {
    const answer = await desk.ask({ kind: "ask_floor", part: "agents", page });
    if (answer.kind !== "floor_agents") return agents;
    agents.push(...answer.agents);
    if (!answer.more || !answer.agents.length) return agents;
  }
}
