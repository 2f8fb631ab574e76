// The agent's page: sign in, say whether you take tickets, pick from the queue, talk, hold and close.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { ActMenu, Steps } from "./act_menu.tsx";
import { Conversation } from "./conversation.tsx";
import { Desk } from "./desk.ts";
import { Drawer } from "./drawer.tsx";
import type { Chat } from "./chat.ts";
import { tab } from "./keep.ts";
import { Learning } from "./learning.tsx";
import { Escalations, Queue } from "./lists.tsx";
import { Field, LineState, Problem, cut, wordsOf } from "./parts.tsx";
import { LIMITS } from "./protocol.gen.ts";
import type { Offered } from "./protocol.gen.ts";
import { StatusControl } from "./status.tsx";
import type { Chosen } from "./status.tsx";
import { isOver } from "./view.ts";
import { closedBecause } from "./writing.ts";

const TOKEN = "staff.token";
const NOT_VALID = 4101;
const STAGE_WORDS = {
  waiting: "waiting", assigned: "active", pending: "waits for the customer", on_hold: "on hold",
  closed: "closed", rejected: "turned down", abandoned: "abandoned", reopened: "waiting again",
} as const;

export const token = signal(tab.get(TOKEN) ?? "");
const selected = signal("");
const desk = new Desk("staff", () => ({ kind: "hello", token: token.value, name: "", email: "" }));
let chosen: Chosen | undefined;
desk.onWelcome = () => {
  if (chosen) queueMicrotask(() => desk.wish({ kind: "set_status_with", ...chosen! }));
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

function open(ticket: string): void {
  desk.hear(ticket);
  selected.value = ticket;
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
          <Escalations desk={desk} onOpen={open} />
          <MyTickets />
          <Queue desk={desk} onOpen={open} />
          <Learning token={token.value} told={desk.told.value.lines[0]?.number ?? 0} />
        </div>
        {chat ? <Ticket key={chat.ticket} chat={chat} /> : <p class="empty">Pick a ticket, or wait for the queue to give you one.</p>}
      </div>
    </main>
  );
}

function Head() {
  const signOut = () => {
    desk.stop();
    signedIn("");
    location.reload();
  };
  return (
    <header class="head">
      <h1>Deskwire</h1>
      <p>{desk.me.value?.name}</p>
      <StatusControl desk={desk} onChosen={(now) => (chosen = now)} />
      {desk.me.value && desk.me.value.role !== "agent" && <a href="/floor">The floor</a>}
      <a href="/rooms">Rooms</a>
      <button type="button" class="plain" onClick={signOut}>Sign out</button>
      <Drawer desk={desk} />
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

function Ticket({ chat }: { chat: Chat }) {
  const view = chat.view.value;
  const mine = desk.mine.value.has(chat.ticket);
  const over = isOver(view.stage);
  const [problem, setProblem] = useState("");
  const [outcome, setOutcome] = useState("");
  const close = (event: SubmitEvent) => {
    event.preventDefault();
    desk.ask({ kind: "advance", ticket: chat.ticket, step: "close", reason: outcome })
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
        <p class="stage" role="status">{STAGE_WORDS[view.stage]}. {customer}{view.phase === "asynchronous" && " It goes on as a message."}{view.escalated && " It waits for a supervisor."}</p>
        {mine && !over && (
          <form class="acts" onSubmit={close}>
            <Steps desk={desk} chat={chat} onProblem={setProblem} />
            <label for="outcome">Outcome</label>
            <input id="outcome" value={outcome} onInput={({ currentTarget }) => setOutcome(cut(currentTarget.value, LIMITS.REASON_BYTES_MAX))} />
            <button type="submit">Close the ticket</button>
          </form>
        )}
        {!chat.gone.value && <ActMenu desk={desk} chat={chat} />}
        {(!mine || over) && <button type="button" class="plain" onClick={remove}>Remove from the list</button>}
      </header>
      <Problem words={problem} />
      <Conversation desk={desk} chat={chat} closedBecause={closedBecause({ stage: view.stage, gone: chat.gone.value, as: { staff: { mine } } })} notes />
    </section>
  );
}
