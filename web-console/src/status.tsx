// Whether an agent takes tickets, and what he calls that.

import { useState } from "preact/hooks";

import type { Desk } from "./desk.ts";
import { Field, Problem, cut, wordsOf } from "./parts.tsx";
import { LIMITS } from "./protocol.gen.ts";
import type { Status } from "./protocol.gen.ts";

/** What an agent chose: said again on each connection, because a restarted engine begins with "away". */
export interface Chosen {
  readonly status: Status;
  readonly label: string;
}

const WORDS: Record<Status, string> = {
  available: "Available", away: "Away", busy: "Busy", not_responding: "Not responding", offline: "Offline",
};
const CHOICES: readonly Status[] = ["available", "busy", "away"];

interface Props {
  readonly desk: Desk;
  readonly onChosen: (chosen: Chosen) => void;
}

export function StatusControl({ desk, onChosen }: Props) {
  const [problem, setProblem] = useState("");
  const state = desk.state.value;
  const label = desk.label.value;
  const choose = (chosen: Chosen) => {
    onChosen(chosen);
    desk.ask({ kind: "set_status_with", ...chosen }).then(() => setProblem(""), (fault: unknown) => setProblem(wordsOf(fault)));
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    choose({ status: String(form.get("status")) as Status, label: cut(String(form.get("label")).trim(), LIMITS.LABEL_BYTES_MAX) });
  };
  const available = state?.status === "available";
  return (
    <>
      <button type="button" role="switch" aria-checked={available} disabled={!state} onClick={() => choose({ status: available ? "away" : "available", label: "" })}>
        {state ? WORDS[state.status] : "Away"}
      </button>
      {label && <p id="label">{label}</p>}
      <details class="act-menu">
        <summary>Status</summary>
        <form onSubmit={submit}>
          <Field label="Status">
            {(id) => <select id={id} name="status">{CHOICES.map((status) => <option key={status} value={status} selected={status === state?.status}>{WORDS[status]}</option>)}</select>}
          </Field>
          <Field label="Called (optional)">{(id) => <input id={id} name="label" defaultValue={label} />}</Field>
          <button type="submit" disabled={!state}>Set the status</button>
        </form>
      </details>
      {state && <p class="hint">{state.active} of {state.slots} slots used</p>}
      <Problem words={problem} />
    </>
  );
}
