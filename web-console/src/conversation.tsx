// The conversation of one ticket: its lines, what is on its way, who types, and where to write.

import { useEffect, useRef, useState } from "preact/hooks";

import { cannedReplies } from "./canned.ts";
import type { Chat, Unsent } from "./chat.ts";
import type { Desk } from "./desk.ts";
import { Problem, cut, wordsOf } from "./parts.tsx";
import { LIMITS } from "./protocol.gen.ts";
import type { CannedLine } from "./protocol.gen.ts";
import { readByOthers, typingNames } from "./view.ts";
import type { Entry } from "./view.ts";

interface Props {
  readonly desk: Desk;
  readonly chat: Chat;
  /** Why nothing can be written now; empty if it can. */
  readonly closedBecause: string;
  /** Whether who writes here may leave notes for staff alone. */
  readonly notes?: boolean;
}

export function Conversation({ desk, chat, closedBecause, notes = false }: Props) {
  const view = chat.view.value;
  const last = view.entries.at(-1)?.seq ?? 0;
  useEffect(() => {
    const seen = () => document.visibilityState === "visible" && !closedBecause && desk.read(chat.ticket, last);
    seen();
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, [last, closedBecause]);
  return (
    <section class="conversation" aria-label="Conversation">
      <Log entries={view.entries} read={readByOthers(view, notes ? "staff" : "customer")} unsent={chat.unsent.value} onDismiss={() => chat.dismissFailed()} />
      <p class="typing" role="status">{typingWords(typingNames(view))}</p>
      <Lost chat={chat} />
      {chat.gone.value && <p class="warning" role="alert">This chat cannot be shown: {chat.gone.value}</p>}
      <Composer
        disabledBecause={closedBecause}
        notes={notes}
        canned={notes ? () => cannedReplies(desk, chat.ticket) : undefined}
        onTyping={(to) => desk.typing(chat.ticket, to === "staff" ? "note_typing" : "typing")}
        onSay={(text, to) => desk.say(chat.ticket, text, to === "staff" ? "note" : undefined)}
      />
    </section>
  );
}

function typingWords(names: readonly string[]): string {
  if (!names.length) return "";
  return names.length === 1 ? `${names[0]} is typing …` : `${names.join(" and ")} are typing …`;
}

function timeOf(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

interface LogProps {
  readonly entries: readonly Entry[];
  /** Up to which line the other side has read. */
  readonly read: number;
  readonly unsent: readonly Unsent[];
  readonly onDismiss: () => void;
}

/** The lines; the newest stays in sight unless the reader has scrolled up. */
function Log({ entries, read, unsent, onDismiss }: LogProps) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [entries, unsent]);
  const scrolled = () => {
    const it = box.current;
    if (it) atEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 40;
  };
  const failed = unsent.some((post) => post.failed);
  return (
    <>
      <div class="log" role="log" aria-live="polite" aria-label="Messages" tabIndex={0} ref={box} onScroll={scrolled}>
        {entries.map((entry) => <Line key={entry.seq} entry={entry} read={entry.seq <= read} />)}
        {unsent.map((post, index) => (
          <p key={`unsent ${index}`} class={`said ${post.note ? "aside" : "own"} ${post.failed ? "failed" : "sending"}`}>
            <span class="text">{post.text}</span>
            <span class="meta">{post.failed ? `Not sent: ${post.failed}` : "Sending …"}</span>
          </p>
        ))}
      </div>
      {failed && <button type="button" class="plain" onClick={onDismiss}>Remove what was not sent</button>}
    </>
  );
}

function Line({ entry, read }: { entry: Entry; read: boolean }) {
  if (entry.kind === "act") {
    return <p class="act"><span class="author">{entry.author}</span> {entry.text} <time>{timeOf(entry.at)}</time></p>;
  }
  const classes = { own: "said own", said: "said", aside: "said aside" } as const;
  return (
    <p class={classes[entry.kind]} data-seq={entry.seq}>
      <span class="meta"><span class="author">{entry.kind === "own" ? "You" : entry.author}</span> <time>{timeOf(entry.at)}</time>{entry.kind === "own" && read && " · read"}</span>
      <span class="text">{entry.text}</span>
    </p>
  );
}

/** After a restored log the user decides on what had been acknowledged. */
function Lost({ chat }: { chat: Chat }) {
  const lost = chat.lost.value;
  if (!lost.length) return null;
  return (
    <div class="warning" role="alert">
      <p>The desk was restored from an older state. These messages of yours are missing from it now:</p>
      <ul>{lost.map((text, index) => <li key={index}>{text}</li>)}</ul>
      <button type="button" onClick={() => chat.decideLost("send")}>Send them again</button>
      <button type="button" class="plain" onClick={() => chat.decideLost("drop")}>Leave them out</button>
    </div>
  );
}

/** Who hears what is written. */
type Hearers = "all" | "staff";

interface ComposerProps {
  readonly disabledBecause: string;
  readonly notes: boolean;
  /** Canned replies to choose from, where there are any. */
  readonly canned: (() => Promise<readonly CannedLine[]>) | undefined;
  readonly onTyping: (to: Hearers) => void;
  readonly onSay: (text: string, to: Hearers) => void;
}

function Composer({ disabledBecause, notes, canned, onTyping, onSay }: ComposerProps) {
  const [text, setText] = useState("");
  const [to, setTo] = useState<Hearers>("all");
  const send = () => {
    if (!text.trim() || disabledBecause) return;
    onSay(text, to);
    setText("");
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form class={to === "staff" ? "composer aside" : "composer"} onSubmit={(event) => { event.preventDefault(); send(); }}>
      <label for="message">{to === "staff" ? "Note" : "Message"}</label>
      <textarea
        id="message" rows={2} value={text} disabled={disabledBecause !== ""} aria-describedby="message-hint" onKeyDown={key}
        onInput={({ currentTarget }) => {
          const kept = cut(currentTarget.value, LIMITS.TEXT_BYTES_MAX);
          currentTarget.value = kept;
          setText(kept);
          onTyping(to);
        }}
      />
      {notes && (
        <label class="to-staff">
          <input type="checkbox" checked={to === "staff"} onChange={({ currentTarget }) => setTo(currentTarget.checked ? "staff" : "all")} />
          {" "}Note: staff alone see it
        </label>
      )}
      {canned && <CannedPicker disabled={disabledBecause !== ""} load={canned} onPick={setText} />}
      <button type="submit" disabled={disabledBecause !== ""}>Send</button>
      <p id="message-hint" class="hint">{disabledBecause || "Enter sends, Shift and Enter begins a new line."}</p>
    </form>
  );
}

interface PickerProps {
  readonly disabled: boolean;
  readonly load: () => Promise<readonly CannedLine[]>;
  readonly onPick: (text: string) => void;
}

/** Fills the input with a canned reply; it is sent by hand, so that it can be changed first. */
function CannedPicker({ disabled, load, onPick }: PickerProps) {
  const [replies, setReplies] = useState<readonly CannedLine[] | null>(null);
  const [problem, setProblem] = useState("");
  const open = () => {
    setProblem("");
    load().then(setReplies, (fault: unknown) => setProblem(wordsOf(fault)));
  };
  return (
    <span class="canned">
      <Problem words={problem} />
      {replies === null
        ? <button type="button" class="plain" disabled={disabled} onClick={open}>Canned replies</button>
        : (
          <select
            aria-label="Canned reply" disabled={disabled} value=""
            onChange={({ currentTarget }) => {
              const picked = replies.find(({ id }) => String(id) === currentTarget.value);
              if (picked) onPick(picked.text);
              setReplies(null);
            }}
          >
            <option value="">{replies.length ? "Choose a reply" : "There are none"}</option>
            {replies.map(({ id, title }) => <option key={id} value={id}>{title}</option>)}
          </select>
        )}
    </span>
  );
}
