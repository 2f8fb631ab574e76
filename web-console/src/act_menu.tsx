// The acts on an open ticket: a button for each plain step, and one small menu for the rest.

import { useEffect, useState } from "preact/hooks";

import { ACTS, MANNERS, STEP_LABELS, actsOf, mannersOf, requestOf, stepsOf } from "./acts.ts";
import type { Act, Colleague, Draft } from "./acts.ts";
import type { Request } from "./asking.ts";
import { categories, loadCategories } from "./categories.ts";
import type { Chat } from "./chat.ts";
import { colleagues } from "./colleagues.ts";
import type { Desk } from "./desk.ts";
import { Field, Problem, cut, wordsOf } from "./parts.tsx";
import { LIMITS } from "./protocol.gen.ts";
import type { Manner } from "./protocol.gen.ts";

interface Props {
  readonly desk: Desk;
  readonly chat: Chat;
}

/** What its owner does without a word. */
export function Steps({ desk, chat, onProblem }: Props & { onProblem: (words: string) => void }) {
  const { ticket } = chat;
  return (
    <>
      {stepsOf(chat.view.value.stage).map((step) => (
        <button
          key={step} type="button"
          onClick={() => desk.ask({ kind: "advance", ticket, step, reason: "" }).then(() => onProblem(""), (fault: unknown) => onProblem(wordsOf(fault)))}
        >
          {STEP_LABELS[step]}
        </button>
      ))}
    </>
  );
}

const EMPTY: Draft = { agent: "", manner: "at_once", category: "", reason: "" };

/** Everything else: one thing to choose, what it asks for, and a button. */
export function ActMenu({ desk, chat }: Props) {
  const [chosen, setChosen] = useState<Act | "">("");
  const [draft, setDraft] = useState(EMPTY);
  const [problem, setProblem] = useState("");
  const { stage, escalated } = chat.view.value;
  const role = desk.me.value?.role ?? "agent";
  const acts = actsOf({ stage, role, mine: desk.mine.value.has(chat.ticket), escalated });
  const act = acts.find((it) => it === chosen);
  const change = (more: Partial<Draft>) => setDraft({ ...draft, ...more });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!act) return;
    const request: Request = requestOf(chat.ticket, act, draft);
    desk.ask(request).then(() => {
      setProblem("");
      setChosen("");
      setDraft(EMPTY);
    }, (fault: unknown) => setProblem(wordsOf(fault)));
  };
  if (!acts.length) return null;
  return (
    <details class="act-menu">
      <summary>More to do</summary>
      <form onSubmit={submit}>
        <Field label="What">
          {(id) => (
            <select id={id} value={act ?? ""} required onChange={({ currentTarget }) => setChosen(currentTarget.value as Act | "")}>
              <option value="">Choose</option>
              {acts.map((it) => <option key={it} value={it}>{ACTS[it].label}</option>)}
            </select>
          )}
        </Field>
        {act && ACTS[act].asks.includes("agent") && <ToColleague desk={desk} chat={chat} draft={draft} onChange={change} manners={mannersOf(role)} />}
        {act && ACTS[act].asks.includes("category") && <ToCategory but={chat.view.value.category} draft={draft} onChange={change} />}
        {act && ACTS[act].asks.includes("reason") && (
          <Field label="Reason">
            {(id) => <input id={id} value={draft.reason} required={act === "reject"} onInput={({ currentTarget }) => change({ reason: cut(currentTarget.value, LIMITS.REASON_BYTES_MAX) })} />}
          </Field>
        )}
        <Problem words={problem} />
        <button type="submit" disabled={!act}>{act ? ACTS[act].label : "Do it"}</button>
      </form>
    </details>
  );
}

interface DraftProps {
  readonly draft: Draft;
  readonly onChange: (more: Partial<Draft>) => void;
}

function ToColleague({ desk, chat, draft, onChange, manners }: Props & DraftProps & { manners: readonly Manner[] }) {
  const [known, setKnown] = useState<readonly Colleague[] | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    colleagues(desk, chat.ticket).then(setKnown, (fault: unknown) => setProblem(wordsOf(fault)));
  }, [chat.ticket]);
  return (
    <>
      <Field label="Colleague">
        {(id) => (
          <select id={id} value={draft.agent} required disabled={!known} onChange={({ currentTarget }) => onChange({ agent: currentTarget.value })}>
            <option value="">{known?.length === 0 ? "Nobody is known" : "Choose"}</option>
            {known?.map(({ agent, name, but }) => <option key={agent} value={agent}>{but ? `${name} (${but})` : name}</option>)}
          </select>
        )}
      </Field>
      <Field label="How">
        {(id) => (
          <select id={id} value={draft.manner} onChange={({ currentTarget }) => onChange({ manner: currentTarget.value as Manner })}>
            {manners.map((manner) => <option key={manner} value={manner}>{MANNERS[manner]}</option>)}
          </select>
        )}
      </Field>
      <Problem words={problem} />
    </>
  );
}

function ToCategory({ but, draft, onChange }: DraftProps & { but: string }) {
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!categories.value.length) loadCategories().catch((fault: unknown) => setProblem(wordsOf(fault)));
  }, []);
  return (
    <>
      <Field label="Category">
        {(id) => (
          <select id={id} value={draft.category} required onChange={({ currentTarget }) => onChange({ category: currentTarget.value })}>
            <option value="">Choose</option>
            {categories.value.filter(({ name }) => name !== but).map(({ name }) => <option key={name}>{name}</option>)}
          </select>
        )}
      </Field>
      <Problem words={problem} />
    </>
  );
}
