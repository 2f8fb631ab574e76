// The moderators' menu of a discussion: one thing to choose, what it asks for, and a button.

import { useState } from "preact/hooks";

import type { Chat } from "./chat.ts";
import type { Desk } from "./desk.ts";
import { Field, Problem, cut, wordsOf } from "./parts.tsx";
import { LIMITS, MODERATION_ACT_WORDS } from "./protocol.gen.ts";
import type { ModerationAct } from "./protocol.gen.ts";
import { MODERATIONS, membersFor, moderationOf, postsOf } from "./room.ts";

/** So much of a message names it in the list. */
const SHOWN_LETTERS = 60;

export function Moderate({ desk, chat }: { desk: Desk; chat: Chat }) {
  const [act, setAct] = useState<ModerationAct>("mute");
  const [problem, setProblem] = useState("");
  const view = chat.view.value;
  const { asks, label } = MODERATIONS[act];
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const number = (name: string) => Number(form.get(name)) || 0;
    const reason = cut(String(form.get("reason") ?? ""), LIMITS.REASON_BYTES_MAX);
    desk.ask(moderationOf(chat.ticket, act, { member: number("member"), seq: number("post"), seconds: number("seconds"), reason }))
      .then(() => setProblem(""), (fault: unknown) => setProblem(wordsOf(fault)));
  };
  return (
    <details class="act-menu">
      <summary>Moderate</summary>
      <form onSubmit={submit}>
        <Field label="What">
          {(id) => (
            <select id={id} value={act} onChange={({ currentTarget }) => setAct(currentTarget.value as ModerationAct)}>
              {MODERATION_ACT_WORDS.map((it) => <option key={it} value={it}>{MODERATIONS[it].label}</option>)}
            </select>
          )}
        </Field>
        {asks.includes("member") && (
          <Field label="Whom">
            {(id) => <select id={id} name="member" required>{membersFor(act, view).map(({ index, name }) => <option key={index} value={index}>{name}</option>)}</select>}
          </Field>
        )}
        {asks.includes("post") && (
          <Field label="Which message">
            {(id) => (
              <select id={id} name="post" required>
                {postsOf(view.entries).map(({ seq, author, kind, text }) => <option key={seq} value={seq}>{kind === "own" ? "You" : author}: {text.slice(0, SHOWN_LETTERS)}</option>)}
              </select>
            )}
          </Field>
        )}
        {asks.includes("seconds") && (
          <Field label={act === "mute" ? "For so many seconds (0: for ever)" : "Once in so many seconds (0: at any time)"}>
            {(id) => <input id={id} name="seconds" type="number" min="0" max={LIMITS.MODERATION_SECONDS_MAX} defaultValue="60" />}
          </Field>
        )}
        {asks.includes("reason") && <Field key={act} label="Reason">{(id) => <input id={id} name="reason" />}</Field>}
        <Problem words={problem} />
        <button type="submit">{label}</button>
      </form>
    </details>
  );
}
