// The page of discussions: which there are, one that is entered, and for those who may the founding of another.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { SignIn, signedIn, token } from "./agent.tsx";
import type { Chat } from "./chat.ts";
import { Conversation } from "./conversation.tsx";
import { Desk } from "./desk.ts";
import { browser, randomId } from "./keep.ts";
import { Moderate } from "./moderate.tsx";
import { Field, LineState, Problem, cut, wordsOf } from "./parts.tsx";
import { LIMITS } from "./protocol.gen.ts";
import type { DiscussionLine } from "./protocol.gen.ts";
import { roomClosedBecause } from "./room.ts";

const NOT_VALID = 4101;
/** Browsers' timers go no further. */
const TIMER_MS_MAX = 2 ** 31 - 2;
const FIRST = "0".repeat(16);
/** A customer who has talked here before comes in as himself. */
const customer = token.value ? "" : (browser.get("customer.token") ?? "");
const desk = new Desk(customer ? "customer" : "staff", () => ({ kind: "hello", token: token.value || customer, name: "", email: "" }));
const lines = signal<readonly DiscussionLine[]>([]);
const more = signal(false);
const entered = signal("");
const problem = signal("");
desk.onWelcome = () => queueMicrotask(() => load(FIRST));

/** The page of the list after a discussion. */
function load(after: string): void {
  desk.askSafely({ kind: "list_discussions", after }).then((page) => {
    if (page.kind !== "discussions") return;
    lines.value = after === FIRST ? page.lines : [...lines.value, ...page.lines];
    more.value = page.more;
    problem.value = "";
  }, (fault: unknown) => (problem.value = wordsOf(fault)));
}

function enter(ticket: string): void {
  if (entered.value && entered.value !== ticket) desk.forget(entered.value);
  desk.hear(ticket);
  entered.value = ticket;
}

export function RoomsPage() {
  useEffect(() => {
    document.title = "Deskwire: rooms";
  }, []);
  useEffect(() => {
    if (token.value || customer) desk.start();
  }, [token.value]);
  const notValid = desk.ended.value?.code === NOT_VALID;
  useEffect(() => {
    if (notValid && !customer) signedIn("");
  }, [notValid]);
  if (!token.value && !customer) return <SignIn expired={notValid} />;
  const chat = desk.chats.value.get(entered.value);
  const role = desk.me.value?.role;
  return (
    <main class="customer">
      <header class="head">
        <h1>Rooms</h1>
        <p>{desk.me.value?.name}</p>
        {customer ? <a href="/">Your chats</a> : <a href="/agent">Your desk</a>}
      </header>
      <LineState desk={desk} />
      <Problem words={problem.value} />
      <List />
      {chat && <RoomSide key={chat.ticket} chat={chat} />}
      {(role === "supervisor" || role === "admin") && <Found />}
    </main>
  );
}

function List() {
  return (
    <nav class="card" aria-labelledby="rooms-title">
      <h2 id="rooms-title">All rooms</h2>
      {!lines.value.length && <p class="hint">None.</p>}
      <ul class="tickets" id="rooms">
        {lines.value.map(({ ticket, title, topic, founder }) => (
          <li key={ticket}>
            <p><strong>{title}</strong> {topic}<span class="meta">{founder}</span></p>
            {ticket === entered.value ? <span class="hint">You are here.</span> : <button type="button" aria-label={`Enter ${title}`} onClick={() => enter(ticket)}>Enter</button>}
          </li>
        ))}
      </ul>
      {more.value && <button type="button" class="plain" onClick={() => load(lines.value.at(-1)?.ticket ?? FIRST)}>More</button>}
    </nav>
  );
}

/** Draws anew when a mute ends, which nothing is told of. */
function useShownAgainAt(time: number): void {
  const [, again] = useState(0);
  useEffect(() => {
    const ms = time - Date.now();
    if (ms <= 0 || ms > TIMER_MS_MAX) return;
    const timer = setTimeout(() => again((count) => count + 1), ms + 1);
    return () => clearTimeout(timer);
  }, [time]);
}

function RoomSide({ chat }: { chat: Chat }) {
  const { room, subject } = chat.view.value;
  useShownAgainAt(room?.mutedUntil ?? 0);
  const depart = () => {
    desk.ask({ kind: "depart", ticket: chat.ticket }).then(() => {
      desk.forget(chat.ticket);
      entered.value = "";
    }, (fault: unknown) => (problem.value = wordsOf(fault)));
  };
  return (
    <section class="ticket-side" aria-label="Room">
      <header class="ticket">
        <h2>{subject}</h2>
        <p class="stage" role="status">{room ? `${room.topic ? `${room.topic}. ` : ""}${room.here} here.${room.slowS ? ` One message every ${room.slowS} seconds.` : ""}` : ""}</p>
        <button type="button" class="plain" onClick={depart}>Leave the room</button>
        {room?.moderates && <Moderate desk={desk} chat={chat} />}
      </header>
      <Conversation desk={desk} chat={chat} closedBecause={roomClosedBecause(room, chat.gone.value, Date.now())} />
    </section>
  );
}

function Found() {
  const [waiting, setWaiting] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const of = (name: string, max: number) => cut(String(new FormData(form).get(name) ?? "").trim(), max);
    setWaiting(true);
    desk.askSafely({ kind: "found", key: randomId(128), title: of("title", LIMITS.TITLE_BYTES_MAX), topic: of("topic", LIMITS.SUBJECT_BYTES_MAX), slow_s: 0 })
      .then((answer) => {
        if (answer.kind === "ticket_ready") enter(answer.ticket);
        form.reset();
        load(FIRST);
      }, (fault: unknown) => (problem.value = wordsOf(fault)))
      .finally(() => setWaiting(false));
  };
  return (
    <form class="card" aria-labelledby="found-title" onSubmit={submit}>
      <h2 id="found-title">Open another room</h2>
      <Field label="Title">{(id) => <input id={id} name="title" required />}</Field>
      <Field label="What it is about">{(id) => <input id={id} name="topic" />}</Field>
      <button type="submit" disabled={waiting}>Open the room</button>
    </form>
  );
}
