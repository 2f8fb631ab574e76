// The agent's page: sign in, say whether you take tickets, pick from the queue, talk, hold and close.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { Conversation } from "./conversation.tsx";
import { Desk } from "./desk.ts";
import { Drawer } from "./drawer.tsx";
import type { Chat } from "./chat.ts";
import { tab } from "./keep.ts";
import { Learning } from "./learning.tsx";
import { Field, LineState, Problem, cut, wordsOf } from "./parts.tsx";
import { LIMITS } from "./protocol.gen.ts";
import type { Priority, Offered, QueueEntry, Step } from "./protocol.gen.ts";
import { isOver } from "./view.ts";
import { closedBecause } from "./writing.ts";

const TOKEN = "staff.token";
const NOT_VALID = 4101;
const PRIORITY_ORDER: Record<Priority, number> = { urgent: 0, high: 1, normal: 2, low: 3 };
const STAGE_WORDS = {
  waiting: "waiting", assigned: "active", pending: "waits for the customer", on_hold: "on hold",
  closed: "closed", rejected: "turned down", abandoned: "abandoned", reopened: "waiting again",
} as const;

export const token = signal(tab.get(TOKEN) ?? "");
const selected = signal("");
const desk = new Desk("staff", () => ({ kind: "hello", token: token.value, name: "", email: "" }));
/** What this agent chose: said again on each connection, because a restarted engine begins with "away". */
let chosen: "available" | "away" | undefined;
desk.onWelcome = () => {
  if (chosen) queueMicrotask(() => desk.wish({ kind: "set_status", status: chosen! }));
  queueMicrotask(() => desk.wish({ kind: "watch_queue", on: true }));
  queueMicrotask(() => desk.askNotices(0));
};

export function signedIn(given: string): void {
  token.value = given;
  tab.set(TOKEN, given || null);
}

export function AgentPage() {
  useEffect(() => {
    document.title = "Deskwire";
  }, []);
  useEffect(() => {
    if (token.value) desk.start();
  }, [token.value]);
  const notValid = desk.ended.value?.code === NOT_VALID;
  useEffect(() => {
    if (notValid) signedIn("");
  }, [notValid]);
  return token.value ? <Workplace /> : <SignIn expired={notValid} />;
}

async function signIn(email: string, password: string): Promise<string> {
  const answer = await fetch("/api/auth/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  if (answer.status === 401) throw new Error("The e-mail or the password is not right.");
  if (answer.status === 429) throw new Error("Too many sign-ins. Try again later.");
  if (!answer.ok) throw new Error("Signing in did not work. Try again in a moment.");
  return ((await answer.json()) as { token: string }).token;
}

export function SignIn({ expired }: { expired: boolean }) {
  const [problem, setProblem] = useState(expired ? "You were signed out. Sign in again." : "");
  const [waiting, setWaiting] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setWaiting(true);
    signIn(String(form.get("email")), String(form.get("password")))
      .then(signedIn, (fault: unknown) => setProblem(wordsOf(fault)))
      .finally(() => setWaiting(false));
  };
  return (
    <main class="customer">
      <h1>Deskwire</h1>
      <form class="card" onSubmit={submit}>
        <h2>Sign in</h2>
        <Field label="E-mail">{(id) => <input id={id} name="email" type="email" autocomplete="username" required />}</Field>
        <Field label="Password">
          {(id) => <input id={id} name="password" type="password" autocomplete="current-password" required />}
        </Field>
        <Problem words={problem} />
        <button type="submit" disabled={waiting}>Sign in</button>
      </form>
    </main>
  );
}

function Workplace() {
  const chat = desk.chats.value.get(selected.value);
  return (
    <main class="agent">
      <Head />
      <LineState desk={desk} />
      <div class="columns">
        <div class="lists">
          <Offers />
          <MyTickets />
          <Queue />
          <Learning token={token.value} told={desk.told.value.lines[0]?.number ?? 0} />
        </div>
        {chat ? <Ticket key={chat.ticket} chat={chat} /> : <p class="empty">Pick a ticket, or wait for the queue to give you one.</p>}
      </div>
    </main>
  );
}

function Head() {
  const [problem, setProblem] = useState("");
  const state = desk.state.value;
  const available = state?.status === "available";
  const change = () => {
    chosen = available ? "away" : "available";
    desk.ask({ kind: "set_status", status: chosen })
      .then(() => setProblem(""), (fault: unknown) => setProblem(wordsOf(fault)));
  };
  const signOut = () => {
    desk.stop();
    signedIn("");
    location.reload();
  };
  return (
    <header class="head">
      <h1>Deskwire</h1>
      <p>{desk.me.value?.name}</p>
      <button type="button" role="switch" aria-checked={available} disabled={!state} onClick={change}>
        {available ? "Available" : state?.status === "not_responding" ? "Not responding" : "Away"}
      </button>
      {state && <p class="hint">{state.active} of {state.slots} slots used</p>}
      {desk.me.value && desk.me.value.role !== "agent" && <a href="/floor">The floor</a>}
      <button type="button" class="plain" onClick={signOut}>Sign out</button>
      <Drawer desk={desk} />
      <Problem words={problem} />
    </header>
  );
}

function MyTickets() {
  const chats = [...desk.chats.value.values()];
  return (
    <nav aria-labelledby="mine-title">
      <h2 id="mine-title">Your tickets</h2>
      {!chats.length && <p class="hint">None.</p>}
      <ul class="tickets" id="mine">
        {chats.map((chat) => <MyTicket key={chat.ticket} chat={chat} />)}
      </ul>
    </nav>
  );
}

function MyTicket({ chat }: { chat: Chat }) {
  const view = chat.view.value;
  return (
    <li>
      <button type="button" class="ticket-line" aria-current={chat.ticket === selected.value} onClick={() => (selected.value = chat.ticket)}>
        <strong>{view.members[0]?.name ?? "Customer"}</strong> {view.subject}
        <span class="meta">{view.category} · {STAGE_WORDS[view.stage]}{desk.mine.value.has(chat.ticket) ? "" : " · not yours any more"}</span>
      </button>
    </li>
  );
}

function inOrder(entries: Iterable<QueueEntry>): QueueEntry[] {
  return [...entries].sort((a, b) => PRIORITY_ORDER[a.priority] - PRIORITY_ORDER[b.priority] || a.since - b.since);
}

/** Tickets that are offered: they wait for a yes or no, and lapse. */
function Offers() {
  const [problem, setProblem] = useState("");
  const offers = [...desk.offers.value.values()];
  const answer = ({ ticket, offer }: Offered, accept: boolean) => {
    desk.ask({ kind: "answer_offer", ticket, offer, accept }).then(() => {
      setProblem("");
      if (accept) selected.value = ticket;
    }, (fault: unknown) => setProblem(wordsOf(fault)));
  };
  if (!offers.length && !problem) return null;
  return (
    <section aria-labelledby="offers-title">
      <h2 id="offers-title">Offered to you <span class="count">{offers.length}</span></h2>
      <Problem words={problem} />
      <ul class="tickets" id="offers" aria-live="polite">
        {offers.map((offer) => (
          <li key={offer.offer}>
            <p><strong>{offer.name || "Customer"}</strong> {offer.subject}<span class="meta">{offer.category} · {offer.priority} · until {new Date(offer.until).toLocaleTimeString()}</span></p>
            <button type="button" aria-label={`Accept the ticket of ${offer.name || "the customer"}`} onClick={() => answer(offer, true)}>Accept</button>
            <button type="button" class="plain" aria-label={`Decline the ticket of ${offer.name || "the customer"}`} onClick={() => answer(offer, false)}>Decline</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Queue() {
  const [problem, setProblem] = useState("");
  const entries = inOrder(desk.queue.value.values());
  const pick = (ticket: string) => {
    desk.ask({ kind: "pick", ticket }).then(() => {
      setProblem("");
      desk.hear(ticket);
      selected.value = ticket;
    }, (fault: unknown) => setProblem(wordsOf(fault)));
  };
  return (
    <section aria-labelledby="queue-title">
      <h2 id="queue-title">Queue <span class="count">{entries.length}</span></h2>
      <Problem words={problem} />
      <ul class="tickets" id="queue">
        {entries.map((entry) => (
          <li key={entry.ticket}>
            <p><strong>{entry.name || "Customer"}</strong> {entry.subject}<span class="meta">{entry.category} · {entry.priority} · since {new Date(entry.since).toLocaleTimeString()}</span></p>
            <button type="button" aria-label={`Pick the ticket of ${entry.name || "the customer"}`} onClick={() => pick(entry.ticket)}>Pick</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Ticket({ chat }: { chat: Chat }) {
  const view = chat.view.value;
  const mine = desk.mine.value.has(chat.ticket);
  const over = isOver(view.stage);
  const [problem, setProblem] = useState("");
  const [outcome, setOutcome] = useState("");
  const advance = (step: Step, reason: string) => {
    desk.ask({ kind: "advance", ticket: chat.ticket, step, reason })
      .then(() => setProblem(""), (fault: unknown) => setProblem(wordsOf(fault)));
  };
  const remove = () => {
    desk.forget(chat.ticket);
    selected.value = "";
  };
  const customer = view.here.has(0) ? "The customer is here." : "";
  return (
    <section class="ticket-side" aria-label="Ticket">
      <header class="ticket">
        <h2>{view.subject || view.category || "Ticket"}</h2>
        <p class="stage" role="status">{STAGE_WORDS[view.stage]}. {customer}</p>
        {mine && !over && (
          <form class="acts" onSubmit={(event) => { event.preventDefault(); advance("close", outcome); }}>
            {view.stage === "on_hold"
              ? <button type="button" onClick={() => advance("resume", "")}>Resume</button>
              : <button type="button" onClick={() => advance("hold", "")}>Hold</button>}
            <label for="outcome">Outcome</label>
            <input id="outcome" value={outcome} onInput={({ currentTarget }) => setOutcome(cut(currentTarget.value, LIMITS.REASON_BYTES_MAX))} />
            <button type="submit">Close the ticket</button>
          </form>
        )}
        {(!mine || over) && <button type="button" class="plain" onClick={remove}>Remove from the list</button>}
      </header>
      <Problem words={problem} />
      <Conversation desk={desk} chat={chat} closedBecause={closedBecause({ stage: view.stage, gone: chat.gone.value, as: { staff: { mine } } })} notes />
    </section>
  );
}
