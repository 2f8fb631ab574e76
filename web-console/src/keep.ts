// What the browser keeps: per tab the streams and their unacknowledged posts, per browser the customer's resume token.

import type { Saved } from "./delivery.ts";

const PREFIX = "deskwire.";
const TAB_LOCK_MS = 1_000;

function read(store: Storage, key: string): string | null {
  try {
    return store.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

function write(store: Storage, key: string, value: string | null): void {
  try {
    if (value === null) store.removeItem(PREFIX + key);
    else store.setItem(PREFIX + key, value);
  } catch {
    // Without storage a reload forgets; the page works all the same.
  }
}

/** A value of this tab: it outlives a reload. */
export const tab = {
  get: (key: string) => read(sessionStorage, key),
  set: (key: string, value: string | null) => write(sessionStorage, key, value),
};

/** A value of this browser: it outlives the tab. */
export const browser = {
  get: (key: string) => read(localStorage, key),
  set: (key: string, value: string | null) => write(localStorage, key, value),
};

/** So many random bits, as the hexadecimal digits of an id. */
export function randomId(bits: 64 | 128): string {
  const bytes = crypto.getRandomValues(new Uint8Array(bits / 8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function savedDelivery(owner: string, ticket: string): Saved | undefined {
  try {
    const text = tab.get(`posts.${owner}.${ticket}`);
    return text === null ? undefined : (JSON.parse(text) as Saved);
  } catch {
    return undefined;
  }
}

export function saveDelivery(owner: string, ticket: string, saved: Saved): void {
  tab.set(`posts.${owner}.${ticket}`, JSON.stringify(saved));
}

/**
 * A duplicated tab begins with a copy of the other's storage, streams and unsent posts included. Each tab holds a lock
 * under its own name; who finds it taken is the copy, and begins empty.
 */
export async function ownTab(): Promise<void> {
  const name = tab.get("tab");
  if (!name || !(await lock(name, TAB_LOCK_MS))) {
    if (name) forgetTab();
    const mine = randomId(64);
    tab.set("tab", mine);
    await lock(mine, TAB_LOCK_MS);
  }
}

function forgetTab(): void {
  const keys = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? "");
  for (const key of keys) if (key.startsWith(`${PREFIX}posts.`)) sessionStorage.removeItem(key);
}

/** Holds the lock for the life of the page; `false` if another tab has it. A page being left may still hold it a moment. */
function lock(name: string, waitMs: number): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((settle) => {
    const held = navigator.locks.request(PREFIX + name, { signal: AbortSignal.timeout(waitMs) }, () => {
      settle(true);
      return new Promise<void>(() => {});
    });
    held.catch(() => settle(false));
  });
}
