// Small parts that both pages show: the connection's state, a field with its label, refusals.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import type { Desk } from "./desk.ts";

/** Says what the connection does, where it is not simply there, and what was refused that nothing else on the page shows. */
export function LineState({ desk }: { desk: Desk }) {
  const ended = desk.ended.value;
  const lost = desk.line.value === "connecting" && desk.me.value !== null;
  return (
    <div class="line-state" role="status">
      {ended && (
        <p class="warning">
          The connection ended: {ended.words}. <button type="button" onClick={() => desk.start()}>Connect again</button>
        </p>
      )}
      {desk.trouble.value && (
        <p class="warning">
          {desk.trouble.value} <button type="button" class="plain" onClick={() => (desk.trouble.value = "")}>Dismiss</button>
        </p>
      )}
      {lost && <p class="warning">The connection was lost. Connecting again …</p>}
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly children: (id: string) => ComponentChildren;
}

/** A control with its label. */
export function Field({ label, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}

/** Why something did not work. */
export function Problem({ words }: { words: string }) {
  return <div role="alert">{words && <p class="problem">{words}</p>}</div>;
}

/** The words of whatever was thrown. */
export function wordsOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}

/** A text cut to its bound in bytes, never inside a letter. */
export function cut(text: string, bytesMax: number): string {
  const encoder = new TextEncoder();
  let size = 0;
  let end = 0;
  for (const letter of text) {
    size += encoder.encode(letter).length;
    if (size > bytesMax) break;
    end += letter.length;
  }
  return text.slice(0, end);
}
