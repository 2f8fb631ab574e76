// The conversation of one ticket: its lines, what is on its way, who types, and where to write.

import { useEffect, useRef, useState } from "preact/hooks";

import type { Chat, Desk, Unsent } from "./desk.ts";
import { cut } from "./parts.tsx";
import { LIMITS } from "./protocol.gen.ts";
import { isOver, typingNames } from "./view.ts";
import type { Entry } from "./view.ts";

interface Props {
  readonly desk: Desk;
  readonly chat: Chat;
  /** Why nothing can be written now; empty if it can. */
  readonly closedBecause: string;
}

export function Conversation({ desk, chat, closedBecause }: Props) {
  const view = chat.view.value;
  return (
    <section class="conversation" aria-label="Conversation">
      <Log entries={view.entries} unsent={chat.unsent.value} onDismiss={() => desk.dismissFailed(chat.ticket)} />
      <p class="typing" role="status">{typingWords(typingNames(view))}</p>
      <Lost desk={desk} chat={chat} />
      {chat.gone.value && <p class="warning" role="alert">This chat cannot be shown: {chat.gone.value}</p>}
      <Composer
        disabledBecause={isOver(view.stage) ? "This chat is closed." : chat.gone.value ? "This chat cannot be shown." : closedBecause}
        onTyping={() => desk.typing(chat.ticket)}
        onSay={(text) => desk.say(chat.ticket, text)}
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
  readonly unsent: readonly Unsent[];
  readonly onDismiss: () => void;
}

/** The lines; the newest stays in sight unless the reader has scrolled up. */
function Log({ entries, unsent, onDismiss }: LogProps) {
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
        {entries.map((entry) => <Line key={entry.seq} entry={entry} />)}
        {unsent.map((post, index) => (
          <p key={`unsent ${index}`} class={`said own ${post.failed ? "failed" : "sending"}`}>
            <span class="text">{post.text}</span>
            <span class="meta">{post.failed ? `Not sent: ${post.failed}` : "Sending …"}</span>
          </p>
        ))}
      </div>
      {failed && <button type="button" class="plain" onClick={onDismiss}>Remove what was not sent</button>}
    </>
  );
}

function Line({ entry }: { entry: Entry }) {
  if (entry.kind === "note") {
    return <p class="note"><span class="author">{entry.author}</span> {entry.text} <time>{timeOf(entry.at)}</time></p>;
  }
  return (
    <p class={entry.kind === "own" ? "said own" : "said"} data-seq={entry.seq}>
      <span class="meta"><span class="author">{entry.kind === "own" ? "You" : entry.author}</span> <time>{timeOf(entry.at)}</time></span>
      <span class="text">{entry.text}</span>
    </p>
  );
}

/** After a restored log the user decides on what had been acknowledged. */
function Lost({ desk, chat }: { desk: Desk; chat: Chat }) {
  const lost = chat.lost.value;
  if (!lost.length) return null;
  return (
    <div class="warning" role="alert">
      <p>The desk was restored from an older state. These messages of yours are missing from it now:</p>
      <ul>{lost.map((text, index) => <li key={index}>{text}</li>)}</ul>
      <button type="button" onClick={() => desk.decideLost(chat.ticket, "send")}>Send them again</button>
      <button type="button" class="plain" onClick={() => desk.decideLost(chat.ticket, "drop")}>Leave them out</button>
    </div>
  );
}

interface ComposerProps {
  readonly disabledBecause: string;
  readonly onTyping: () => void;
  readonly onSay: (text: string) => void;
}

function Composer({ disabledBecause, onTyping, onSay }: ComposerProps) {
  const [text, setText] = useState("");
  const send = () => {
    if (!text.trim() || disabledBecause) return;
    onSay(text);
    setText("");
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      <label for="message">Message</label>
      <textarea
        id="message" rows={2} value={text} disabled={disabledBecause !== ""} aria-describedby="message-hint" onKeyDown={key}
        onInput={({ currentTarget }) => {
          const kept = cut(currentTarget.value, LIMITS.TEXT_BYTES_MAX);
          currentTarget.value = kept;
          setText(kept);
          onTyping();
        }}
      />
      <button type="submit" disabled={disabledBecause !== ""}>Send</button>
      <p id="message-hint" class="hint">{disabledBecause || "Enter sends, Shift and Enter begins a new line."}</p>
    </form>
  );
}
