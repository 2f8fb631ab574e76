// The drawer of notices: how many are unread, the list, and a toast for what has just been told.

import { useEffect, useState } from "preact/hooks";

import type { Desk } from "./desk.ts";
import { wordsOfNotice } from "./notices.ts";

/** A toast goes by itself after this long. */
const TOAST_MS = 6_000;

export function Drawer({ desk }: { desk: Desk }) {
  const [open, setOpen] = useState(false);
  const { lines, unread, more } = desk.told.value;
  return (
    <div class="notices">
      <button type="button" class="plain" aria-expanded={open} aria-controls="notices" onClick={() => setOpen(!open)}>
        Notices {unread > 0 && <span class="count">{unread} unread</span>}
      </button>
      <Toast desk={desk} />
      <div id="notices" hidden={!open}>
        {!lines.length && <p class="hint">None.</p>}
        <ul class="tickets">
          {lines.map((line) => (
            <li key={line.number}>
              <p>{line.read ? wordsOfNotice(line) : <strong>{wordsOfNotice(line)}</strong>}<span class="meta">{new Date(line.at).toLocaleString()}</span></p>
              {!line.read && <button type="button" class="plain" onClick={() => desk.markNotices(line.number)}>Mark as read</button>}
            </li>
          ))}
        </ul>
        {unread > 0 && <button type="button" class="plain" onClick={() => desk.markNotices(0)}>Mark all as read</button>}
        {more && <button type="button" class="plain" onClick={() => desk.askNotices(lines.at(-1)?.number ?? 0)}>Older</button>}
      </div>
    </div>
  );
}

/** The newest notice, or what has just been told of a ticket, which is in no list. */
function Toast({ desk }: { desk: Desk }) {
  const { toast } = desk.told.value;
  const words = desk.alarm.value || (toast ? wordsOfNotice(toast) : "");
  const dismiss = () => {
    if (desk.alarm.value) desk.alarm.value = "";
    else desk.told.value = { ...desk.told.value, toast: null };
  };
  useEffect(() => {
    if (!words) return;
    const timer = setTimeout(dismiss, TOAST_MS);
    return () => clearTimeout(timer);
  }, [toast, words]);
  return (
    <div role="status" class="toast-place">
      {words && <p class="toast">{words} <button type="button" class="plain" onClick={dismiss}>Dismiss</button></p>}
    </div>
  );
}
