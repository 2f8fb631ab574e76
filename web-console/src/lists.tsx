// What waits, beside the agent's tickets: the queue, what he ignores, what asks for a supervisor.

import { useState } from "preact/hooks";

import { longestFirst } from "./alarms.ts";
import type { Request } from "./asking.ts";
import type { Desk } from "./desk.ts";
import { Problem, wordsOf } from "./parts.tsx";
import type { QueueEntry } from "./protocol.gen.ts";
import { inOrder } from "./queue.ts";

interface Props {
  readonly desk: Desk;
  /** Shows a ticket, which is heard from then on. */
  readonly onOpen: (ticket: string) => void;
}

/** Asks, shows the refusal, and goes on where there is none. */
function useAct(desk: Desk): [problem: string, act: (request: Request, then?: () => void) => void] {
  const [problem, setProblem] = useState("");
  const act = (request: Request, then = () => {}) => {
    desk.ask(request).then(() => {
      setProblem("");
      then();
    }, (fault: unknown) => setProblem(wordsOf(fault)));
  };
  return [problem, act];
}

export function Queue({ desk, onOpen }: Props) {
  const [problem, act] = useAct(desk);
  const entries = inOrder(desk.queue.value.waiting.values());
  const role = desk.me.value?.role;
  return (
    <section aria-labelledby="queue-title">
      <h2 id="queue-title">Queue <span class="count">{entries.length}</span></h2>
      <Problem words={problem} />
      <ul class="tickets" id="queue">
        {entries.map((entry) => (
          <li key={entry.ticket}>
            <About entry={entry} />
            <span class="acts">
              <button type="button" aria-label={`Pick the ticket of ${who(entry)}`} onClick={() => act({ kind: "pick", ticket: entry.ticket }, () => onOpen(entry.ticket))}>Pick</button>
              <button type="button" class="plain" aria-label={`Read the ticket of ${who(entry)}`} onClick={() => onOpen(entry.ticket)}>Read</button>
              {role !== "admin" && <button type="button" class="plain" aria-label={`Ignore the ticket of ${who(entry)}`} onClick={() => act({ kind: "ignore", ticket: entry.ticket, on: true })}>Ignore</button>}
            </span>
          </li>
        ))}
      </ul>
      <Ignored desk={desk} />
    </section>
  );
}

function who({ name }: QueueEntry): string {
  return name || "the customer";
}

function About({ entry }: { entry: QueueEntry }) {
  return (
    <p>
      <strong>{entry.name || "Customer"}</strong> {entry.subject}
      <span class="meta">{entry.category} · {entry.priority} · since {new Date(entry.since).toLocaleTimeString()}</span>
    </p>
  );
}

/** What this person hid from himself. */
function Ignored({ desk }: { desk: Desk }) {
  const [problem, act] = useAct(desk);
  const entries = inOrder(desk.queue.value.ignored.values());
  if (!entries.length && !problem) return null;
  return (
    <details>
      <summary>Ignored <span class="count">{entries.length}</span></summary>
      <Problem words={problem} />
      <ul class="tickets" id="ignored">
        {entries.map((entry) => (
          <li key={entry.ticket}>
            <About entry={entry} />
            <button type="button" class="plain" aria-label={`Show the ticket of ${who(entry)} again`} onClick={() => act({ kind: "ignore", ticket: entry.ticket, on: false })}>Show again</button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Tickets that wait for a supervisor. */
export function Escalations({ desk, onOpen }: Props) {
  const [problem, act] = useAct(desk);
  const waiting = longestFirst(desk.escalations.value);
  if (!waiting.length && !problem) return null;
  return (
    <section aria-labelledby="escalations-title">
      <h2 id="escalations-title">For a supervisor <span class="count">{waiting.length}</span></h2>
      <Problem words={problem} />
      <ul class="tickets" id="escalations" aria-live="polite">
        {waiting.map(({ ticket, name, subject, category, since }) => (
          <li key={ticket}>
            <p><strong>{name || "Customer"}</strong> {subject}<span class="meta">{category} · since {new Date(since).toLocaleTimeString()}</span></p>
            <span class="acts">
              <button type="button" aria-label={`Take over the ticket of ${name || "the customer"}`} onClick={() => act({ kind: "take_over", ticket, reason: "" }, () => onOpen(ticket))}>Take over</button>
              <button type="button" class="plain" aria-label={`Read the ticket of ${name || "the customer"}`} onClick={() => onOpen(ticket)}>Read</button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
