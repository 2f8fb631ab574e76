// The supervisor's page: agents and categories as they change, why a ticket waits, what would be if.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { SignIn, signedIn, token } from "./agent.tsx";
import { Desk } from "./desk.ts";
import { ago, curve, percent } from "./floor.ts";
import { Field, LineState, Problem, wordsOf } from "./parts.tsx";
import type { FloorAgent, RoutingExplained, Status, WhatIfAnswer } from "./protocol.gen.ts";

const NOT_VALID = 4101;
const STATUSES: readonly Status[] = ["available", "busy", "away", "not_responding", "offline"];
const desk = new Desk("staff", () => ({ kind: "hello", token: token.value, name: "", email: "" }));
desk.onWelcome = () => queueMicrotask(() => desk.wish({ kind: "watch_floor", on: true }));
const now = signal(Date.now());
const problem = signal("");

/** Asks, and shows the refusal. */
function act(request: Parameters<Desk["ask"]>[0]): void {
  desk.ask(request).then(() => (problem.value = ""), (fault: unknown) => (problem.value = wordsOf(fault)));
}

export function FloorPage() {
  useEffect(() => {
    document.title = "Deskwire: the floor";
    const ticker = setInterval(() => (now.value = Date.now()), 1_000);
    return () => clearInterval(ticker);
  }, []);
  useEffect(() => {
    if (token.value) desk.start();
  }, [token.value]);
  const notValid = desk.ended.value?.code === NOT_VALID;
  useEffect(() => {
    if (notValid) signedIn("");
  }, [notValid]);
  if (!token.value) return <SignIn expired={notValid} />;
  return (
    <main class="floor">
      <header class="head">
        <h1>The floor</h1>
        <p>{desk.me.value?.name}</p>
        <a href="/agent">Your desk</a>
      </header>
      <LineState desk={desk} />
      <Problem words={problem.value} />
      <Categories />
      <Agents />
      <div class="questions">
        <Why />
        <WhatIf />
      </div>
    </main>
  );
}

function Categories() {
  const lines = [...desk.categories.value.values()].sort((a, b) => a.category.localeCompare(b.category));
  return (
    <section class="card" aria-labelledby="categories-title">
      <h2 id="categories-title">Categories</h2>
      <div class="wide">
        <table id="categories">
          <thead><tr><th>Category</th><th>Waiting</th><th>Oldest</th><th>On duty</th><th>Free</th><th>Occupancy</th><th>Service level</th><th>Abandoned</th></tr></thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.category}>
                <th scope="row">{line.category}</th>
                <td>{line.waiting_live}{line.waiting_asynchronous ? ` + ${line.waiting_asynchronous} by mail` : ""}</td>
                <td>{ago(line.oldest, now.value)}</td>
                <td>{line.on_duty}</td>
                <td>{line.free}</td>
                <td>{percent(line.occupancy)}</td>
                <td>{percent(line.service_level)} in {line.answer_within_s} s</td>
                <td>{percent(line.abandonment)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Agents() {
  const lines = [...desk.agents.value.values()].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <section class="card" aria-labelledby="agents-title">
      <h2 id="agents-title">Agents <span class="count">{lines.length}</span></h2>
      <div class="wide">
        <table id="agents">
          <thead><tr><th>Agent</th><th>Status</th><th>Since</th><th>Live</th><th>By mail</th><th>Acts</th></tr></thead>
          <tbody>{lines.map((line) => <Agent key={line.agent} line={line} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function used(limit: number, offered: number, active: number, held: number, wrapUp: number): string {
  const parts = [[active, "active"], [offered, "offered"], [held, "held"], [wrapUp, "wrap-up"]] as const;
  const words = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${offered + active + held + wrapUp} of ${limit}${words.length ? `: ${words.join(", ")}` : ""}`;
}

function Agent({ line }: { line: FloorAgent }) {
  const { agent } = line;
  return (
    <tr>
      <th scope="row">{line.name}{line.here ? "" : " (gone)"}</th>
      <td>
        <select aria-label={`Status of ${line.name}`} value={line.status} onChange={({ currentTarget }) => act({ kind: "set_agent_status", agent, status: currentTarget.value as Status, reason: "" })}>
          {STATUSES.map((status) => <option key={status} value={status}>{status.replace("_", " ")}</option>)}
        </select>
      </td>
      <td>{ago(line.since, now.value)}</td>
      <td>{used(line.live, line.live_offered, line.live_active, line.live_held, line.live_wrap_up)}</td>
      <td>{used(line.asynchronous, line.asynchronous_offered, line.asynchronous_active, line.asynchronous_held, line.asynchronous_wrap_up)}</td>
      <td>
        <button type="button" class="plain" aria-label={`Give the tickets of ${line.name} to others`} onClick={() => act({ kind: "take_back", agent, taken: "redistribute", reason: "" })}>Redistribute</button>
        <button type="button" class="plain" aria-label={`Sign ${line.name} out`} onClick={() => act({ kind: "sign_out", agent, reason: "" })}>Sign out</button>
      </td>
    </tr>
  );
}

function Why() {
  const [ticket, setTicket] = useState("");
  const [found, setFound] = useState<RoutingExplained | null>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    desk.ask({ kind: "ask_routing", ticket: ticket.trim().toLowerCase() }).then((answer) => {
      problem.value = "";
      setFound(answer.kind === "routing_explained" ? answer : null);
    }, (fault: unknown) => (problem.value = wordsOf(fault)));
  };
  return (
    <section class="card" aria-labelledby="why-title">
      <h2 id="why-title">Why this agent, or none?</h2>
      <form onSubmit={submit}>
        <Field label="Ticket">{(id) => <input id={id} required value={ticket} onInput={({ currentTarget }) => setTicket(currentTarget.value)} />}</Field>
        <button type="submit">Ask</button>
      </form>
      {found && (
        <ul id="why">
          <li>{found.position ? `It waits, at place ${found.position}.` : `It was given: ${found.routing.replace("_", " ")}.`}</li>
          {found.candidates.map((one) => <li key={one.agent}>{one.name}: {one.obstacle.replace("_", " ")}, {one.used} slots used</li>)}
        </ul>
      )}
    </section>
  );
}

function WhatIf() {
  const [answer, setAnswer] = useState<WhatIfAnswer | null>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const number = (name: string) => Number(form.get(name)) || 0;
    desk.ask({ kind: "what_if", minutes: number("minutes"), agents_more: number("agents"), slots: number("slots"), overflow: [] }).then((told) => {
      problem.value = "";
      setAnswer(told.kind === "what_if_answer" ? told : null);
    }, (fault: unknown) => (problem.value = wordsOf(fault)));
  };
  return (
    <section class="card" aria-labelledby="what-if-title">
      <h2 id="what-if-title">What if?</h2>
      <form onSubmit={submit}>
        <Field label="Minutes ahead">{(id) => <input id={id} name="minutes" type="number" min="1" max="240" value="60" />}</Field>
        <Field label="More agents">{(id) => <input id={id} name="agents" type="number" min="0" max="1000" value="0" />}</Field>
        <Field label="Live slots of each (0: as they are)">{(id) => <input id={id} name="slots" type="number" min="0" max="1000" value="0" />}</Field>
        <button type="submit">Run it</button>
      </form>
      {answer && <Curves answer={answer} />}
    </section>
  );
}

function Curves({ answer }: { answer: WhatIfAnswer }) {
  const top = Math.max(...answer.as_is.concat(answer.changed).map(({ waiting }) => waiting));
  return (
    <figure id="curves">
      <svg viewBox="0 0 300 80" role="img" aria-label={`Waiting, at most ${Math.round(top / 100)}`}>
        <polyline class="as-is" points={curve(answer.as_is, top, 300, 80)} />
        <polyline class="changed" points={curve(answer.changed, top, 300, 80)} />
      </svg>
      <figcaption>Served in time: {percent(answer.service_level_as_is)} as it is, {percent(answer.service_level_changed)} with the change. The curves show who waits, as it is (thin) and changed (thick).</figcaption>
    </figure>
  );
}
