// The floor as a supervisor sees it: what the engine told first, and what has changed since.

import type { FloorAgent, FloorAgents, FloorCategories, FloorCategory, WhatIfMinute } from "./protocol.gen.ts";

export function withAgents(known: ReadonlyMap<string, FloorAgent>, frame: FloorAgents): ReadonlyMap<string, FloorAgent> {
  const agents = new Map(known);
  for (const agent of frame.agents) agents.set(agent.agent, agent);
  for (const { agent } of frame.gone) agents.delete(agent);
  return agents;
}

export function withCategories(known: ReadonlyMap<string, FloorCategory>, frame: FloorCategories): ReadonlyMap<string, FloorCategory> {
  const categories = new Map(known);
  for (const category of frame.categories) categories.set(category.category, category);
  return categories;
}

/** Thousandths as a percentage. */
export function percent(thousandths: number): string {
  return `${(thousandths / 10).toFixed(1)} %`;
}

/** How long ago something began, as minutes and seconds; a dash for never. */
export function ago(since: number, now: number): string {
  if (since === 0) return "–";
  const seconds = Math.max(0, Math.floor((now - since) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The points of a curve of those who wait, in a box of this size; both curves of an answer share `top`. */
export function curve(minutes: readonly WhatIfMinute[], top: number, width: number, height: number): string {
  const x = (at: number) => (at / Math.max(1, minutes.length - 1)) * width;
  const y = (waiting: number) => height - (waiting / Math.max(1, top)) * height;
  return minutes.map(({ waiting }, at) => `${x(at).toFixed(1)},${y(waiting).toFixed(1)}`).join(" ");
}
