// The customer's page: start a chat, wait, talk, leave.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { No } from "./asking.ts";
import { categories, loadCategories } from "./categories.ts";
import { Away, Choices } from "./choices.tsx";
import { Conversation } from "./conversation.tsx";
import { Desk } from "./desk.ts";
import { Drawer } from "./drawer.tsx";
import type { Chat } from "./chat.ts";
import { browser, randomId, tab } from "./keep.ts";
import { requestOf } from "./opening.ts";
import type { Opening } from "./opening.ts";
import { Field, LineState, Problem, cut, wordsOf } from "./parts.tsx";
import { LIMITS } from "./protocol.gen.ts";
import type { Hello, TurnedAway } from "./protocol.gen.ts";
import { isOver } from "./view.ts";
import { isWaiting, phaseOf, stageWords } from "./waiting.ts";
import { closedBecause } from "./writing.ts";

const TOKEN = "customer.token";
const TICKET = "customer.ticket";
const OPENING = "customer.opening";
/** With a ticket behind it: that it was opened as a message, which no event says. */
const MESSAGE = "customer.message.";
const NOT_VALID = 4101;

const name = signal("");
const email = signal("");
const current = signal(tab.get(TICKET) ?? "");

function hello(): Hello {
  return { kind: "hello", token: browser.get(TOKEN) ?? "", name: name.value, email: email.value };
}

const desk = new Desk("customer", hello);
desk.onWelcome = (welcome) => {
  if (welcome.token) browser.set(TOKEN, welcome.token);
  queueMicrotask(() => desk.askNotices(0));
  const [first] = welcome.tickets;
  if (!current.value && first) show(first.ticket);
  else if (current.value) desk.hear(current.value);
};

function show(ticket: string): void {
  current.value = ticket;
  tab.set(TICKET, ticket || null);
}

export function CustomerPage() {
  useEffect(() => {
    document.title = "Chat with us";
    if (current.value) loadCategories().catch(() => {});
    if (browser.get(TOKEN)) desk.start();
  }, []);
  const notValid = desk.ended.value?.code === NOT_VALID;
  useEffect(() => {
    if (!notValid) return;
    browser.set(TOKEN, null);
    desk.me.value = null;
    show("");
  }, [notValid]);
  const chat = desk.chats.value.get(current.value);
  return (
    <main class="customer">
      <h1>Chat with us</h1>
      {!notValid && <LineState desk={desk} />}
      {desk.me.value && <Drawer desk={desk} />}
      <OtherChats />
      {chat ? <Talk key={chat.ticket} chat={chat} /> : <Start />}
    </main>
  );
}

/** A way between several open chats of one customer. */
function OtherChats() {
  const chats = [...desk.chats.value.values()];
  if (!chats.length || (chats.length < 2 && current.value)) return null;
  return (
    <nav aria-label="Your chats">
      {chats.map(({ ticket, view }) => (
        <button key={ticket} type="button" class="plain" aria-current={ticket === current.value} onClick={() => show(ticket)}>
          {view.value.subject || view.value.category || "Chat"}
        </button>
      ))}
    </nav>
  );
}

/** Waits until the connection has its welcome. */
function welcomed(): Promise<void> {
  return new Promise((settle, refuse) => {
    const stop = desk.line.subscribe((line) => {
      if (line === "online") queueMicrotask(() => { stop(); settle(); });
      else if (desk.ended.value) queueMicrotask(() => { stop(); refuse(new Error(desk.ended.value?.words)); });
    });
    desk.start();
  });
}

/** Opens a chat, or leaves a message; the key outlives a reload, so that a lost answer never makes a second one. */
async function open(opening: Opening): Promise<void> {
  tab.set(OPENING, JSON.stringify(opening));
  await welcomed();
  try {
    const answer = await desk.askSafely(requestOf(opening));
    if (answer.kind !== "ticket_ready") return;
    if (opening.text !== undefined) tab.set(MESSAGE + answer.ticket, "yes");
    desk.hear(answer.ticket);
    show(answer.ticket);
  } finally {
    tab.set(OPENING, null);
  }
}

function Start() {
  const [problem, setProblem] = useState("");
  const [waiting, setWaiting] = useState(false);
  const [turned, setTurned] = useState<{ away: TurnedAway; opening: Opening } | null>(null);
  const begin = (opening: Opening) => {
    setWaiting(true);
    setProblem("");
    open(opening).catch((fault: unknown) => {
      if (fault instanceof No && fault.away) setTurned({ away: fault.away, opening: { ...opening, key: randomId(128) } });
      else setProblem(wordsOf(fault));
    }).finally(() => setWaiting(false));
  };
  useEffect(() => {
    if (!categories.value.length) loadCategories().catch((fault: unknown) => setProblem(wordsOf(fault)));
    const unfinished = tab.get(OPENING);
    if (unfinished) begin(JSON.parse(unfinished) as Opening);
  }, []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const of = (key: string, max: number) => cut(String(form.get(key) ?? "").trim(), max);
    name.value = of("name", LIMITS.NAME_BYTES_MAX);
    email.value = of("email", LIMITS.EMAIL_BYTES_MAX);
    begin({ key: randomId(128), category: String(form.get("category")), subject: of("subject", LIMITS.SUBJECT_BYTES_MAX) });
  };
  if (turned) {
    return (
      <>
        <Away away={turned.away} busy={waiting} onMessage={(text) => begin({ ...turned.opening, text })} onBack={() => setTurned(null)} />
        <Problem words={problem} />
      </>
    );
  }
  const known = desk.me.value;
  return (
    <form class="card" onSubmit={submit}>
      <h2>Start a chat</h2>
      {known ? <p>You are {known.name || "a guest"}.</p> : (
        <>
          <Field label="Your name">{(id) => <input id={id} name="name" autocomplete="name" required />}</Field>
          <Field label="Your e-mail (optional)">{(id) => <input id={id} name="email" type="email" autocomplete="email" />}</Field>
        </>
      )}
      <Field label="Category">
        {(id) => <select id={id} name="category" required>{categories.value.map((it) => <option key={it.name}>{it.name}</option>)}</select>}
      </Field>
      <Field label="What is it about?">{(id) => <input id={id} name="subject" />}</Field>
      <Problem words={problem} />
      <button type="submit" disabled={waiting || !categories.value.length}>{waiting ? "Starting …" : "Start the chat"}</button>
    </form>
  );
}

function Talk({ chat }: { chat: Chat }) {
  const view = chat.view.value;
  const waiting = isWaiting(view);
  const phase = phaseOf(view, tab.get(MESSAGE + chat.ticket) ? "asynchronous" : "live");
  const [problem, setProblem] = useState("");
  const leave = () => {
    setProblem("");
    desk.ask({ kind: "advance", ticket: chat.ticket, step: waiting ? "abandon" : "close", reason: "" })
      .catch((fault: unknown) => setProblem(wordsOf(fault)));
  };
  const another = () => {
    desk.forget(chat.ticket);
    show("");
  };
  const over = isOver(view.stage);
  const earlyPosts = categories.value.find((it) => it.name === view.category)?.early_posts !== false;
  return (
    <>
      <header class="ticket">
        <h2>{view.subject || view.category}</h2>
        <p class="stage" role="status">{stageWords(view, phase)}</p>
        {over || chat.gone.value
          ? <button type="button" onClick={another}>Start another chat</button>
          : <button type="button" class="plain" onClick={leave}>{waiting ? (phase === "live" ? "Leave the queue" : "Take the message back") : "Close the chat"}</button>}
      </header>
      <Problem words={problem} />
      <Choices desk={desk} chat={chat} />
      <Conversation desk={desk} chat={chat} closedBecause={closedBecause({ stage: view.stage, gone: chat.gone.value, as: { customer: { earlyPosts } } })} />
    </>
  );
}
