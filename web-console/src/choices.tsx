// What a customer may choose where nobody serves him soon: leave a message, wait on, leave.

import { useState } from "preact/hooks";

import type { Chat } from "./chat.ts";
import type { Desk } from "./desk.ts";
import { awayWords, opensWords } from "./opening.ts";
import { Field, Problem, cut, wordsOf } from "./parts.tsx";
import { LIMITS } from "./protocol.gen.ts";
import type { TurnedAway } from "./protocol.gen.ts";
import { choicesOf } from "./waiting.ts";
import type { Choice } from "./waiting.ts";

interface AwayProps {
  readonly away: TurnedAway;
  readonly busy: boolean;
  readonly onMessage: (text: string) => void;
  readonly onBack: () => void;
}

/** In place of a chat that was not begun: why, until when, and where it may be, a message instead. */
export function Away({ away, busy, onMessage, onBack }: AwayProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = cut(String(form.get("text") ?? "").trim(), LIMITS.TEXT_BYTES_MAX);
    if (text) onMessage(text);
  };
  return (
    <section class="card" id="away" aria-labelledby="away-title">
      <h2 id="away-title">No chat now</h2>
      <div role="status">
        <p>{awayWords(away)}</p>
        <p>{opensWords(away.opens, Date.now())}</p>
      </div>
      {away.may_leave_message && (
        <form onSubmit={submit}>
          <Field label="Leave a message">{(id) => <textarea id={id} name="text" rows={4} required />}</Field>
          <button type="submit" disabled={busy}>{busy ? "Leaving it …" : "Leave the message"}</button>
        </form>
      )}
      <button type="button" class="plain" onClick={onBack}>Back</button>
    </section>
  );
}

const LABELS: Record<Choice, string> = { wait: "Wait on", message: "Leave it as a message", leave: "Leave the queue" };

/** While he waits: what the desk has told him, and a button for each thing he may do about it. */
export function Choices({ desk, chat }: { desk: Desk; chat: Chat }) {
  const [chosen, setChosen] = useState(0);
  const [problem, setProblem] = useState("");
  const { ticket, view: { value: view } } = chat;
  const choices = choicesOf(view, chosen);
  if (!choices.length) return null;
  const choose = (choice: Choice) => {
    setProblem("");
    if (choice === "wait") return setChosen(view.told?.seq ?? 0);
    desk.ask(choice === "message" ? { kind: "leave_message", ticket } : { kind: "advance", ticket, step: "abandon", reason: "" })
      .catch((fault: unknown) => setProblem(wordsOf(fault)));
  };
  return (
    <section class="warning" id="choices" aria-label="While you wait">
      <p role="status">{view.told?.text}</p>
      <div class="acts">
        {choices.map((choice) => (
          <button key={choice} type="button" class={choice === "leave" ? "plain" : ""} onClick={() => choose(choice)}>{LABELS[choice]}</button>
        ))}
      </div>
      <Problem words={problem} />
    </section>
  );
}
