// One ticket as a tab hears it: the delivery of its posts and events, and what is shown of them, as signals.

import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

import { Delivery } from "./delivery.ts";
import type { Act, Outcome } from "./delivery.ts";
import { withEvents } from "./events.ts";
import { randomId, saveDelivery, savedDelivery } from "./keep.ts";
import { ENGINE, LIMITS, SERVER_KINDS } from "./protocol.gen.ts";
import type { ClientFrame, EventFrame, NoteKind, Refused, ServerFrame } from "./protocol.gen.ts";
import { emptyView, withFrame, withoutOldTyping } from "./view.ts";
import type { View } from "./view.ts";

/** A post that is not on disk yet, or was refused for good. */
export interface Unsent {
  readonly text: string;
  readonly failed?: string;
  /** Set where it is for staff alone. */
  readonly note?: NoteKind | undefined;
}

/** Whose page this is; parts what is kept for customers and for staff in one browser. */
export type Owner = "customer" | "staff";

/** The connection, as far as a ticket needs it. */
export interface Outside {
  readonly send: (frame: ClientFrame) => void;
  /** Leaves this connection and takes a new one at once. */
  readonly renew: () => void;
}

/** What is about one ticket. */
export type OfTicket = Exclude<ServerFrame, { kind: "welcome" | "refused" }> & { ticket: string };

const EVENTS: ReadonlySet<string> = new Set(SERVER_KINDS.filter(({ event }) => event).map(({ kind }) => kind));

function isEvent(frame: ServerFrame): frame is EventFrame {
  return EVENTS.has(frame.kind);
}

export class Chat {
  readonly ticket: string;
  readonly view: Signal<View>;
  readonly unsent: Signal<readonly Unsent[]> = signal([]);
  /** Why it cannot be heard. */
  readonly gone: Signal<string> = signal("");
  /** Own posts that were acknowledged before the log was restored and are not in it: the user decides. */
  readonly lost: Signal<readonly string[]> = signal([]);

  private readonly owner: Owner;
  private readonly outside: Outside;
  private readonly delivery: Delivery;
  private failed: Unsent[] = [];
  private lostBefore: string[] = [];
  private typedAt = 0;
  /** The last event that the engine was told is read. */
  private readUpTo = 0;

  constructor(ticket: string, owner: Owner, outside: Outside) {
    this.ticket = ticket;
    this.owner = owner;
    this.outside = outside;
    this.view = signal(emptyView(ticket));
    // A customer is member 0; who else one is, only the events say.
    const author = owner === "customer" ? 0 : ENGINE;
    this.delivery = new Delivery(ticket, author, () => randomId(128), savedDelivery(owner, ticket));
  }

  join(now: number): void {
    this.carry(this.delivery.join(now));
  }

  disconnected(): void {
    this.delivery.disconnected();
  }

  /** Says something to all, or as a note to staff alone. */
  say(text: string, note?: NoteKind): void {
    this.carry(this.delivery.say(text, Date.now(), note));
  }

  typing(kind: "typing" | "note_typing"): void {
    const now = Date.now();
    if (now - this.typedAt < LIMITS.TYPING_EVERY_MS) return;
    this.typedAt = now;
    this.outside.send({ kind, ticket: this.ticket });
  }

  /** The reader has seen up to here: what `tell` does is undone where it fails, so that it is told again. */
  read(seq: number, tell: () => Promise<unknown>): void {
    if (seq <= this.readUpTo) return;
    const before = this.readUpTo;
    this.readUpTo = seq;
    tell().catch(() => (this.readUpTo = Math.min(this.readUpTo, before)));
  }

  /** The user's word on the posts that a restored log has lost. */
  decideLost(sendAgain: "send" | "drop"): void {
    const texts = this.lost.value;
    this.lost.value = [];
    if (sendAgain === "send") for (const text of texts) this.say(text);
  }

  dismissFailed(): void {
    this.failed = [];
    this.carry([]);
  }

  /** What is due by now; nothing is sent where there is no line. */
  tick(now: number, line: "greeted" | "none"): void {
    const acts = line === "greeted" ? this.delivery.tick(now) : [];
    if (acts.length) this.carry(acts);
    this.view.value = withoutOldTyping(this.view.value, now);
  }

  refused(refused: Refused, now: number): void {
    this.carry(this.delivery.refused(refused, now));
  }

  frame(frame: OfTicket, now: number): void {
    if (isEvent(frame)) return this.outcome(this.delivery.event(frame, now));
    switch (frame.kind) {
      case "acknowledged": return this.outcome(this.delivery.acknowledged(frame, now));
      case "page":
      case "staff_page": {
        const { events, acts } = this.delivery.page(frame.events, frame.more, now);
        this.show(events);
        if (!frame.more) this.findLost();
        return this.carry(acts);
      }
      default: this.view.value = withFrame(this.view.value, frame, now);
    }
  }

  /** The log was restored from an older state: the copy goes, and own words in it are looked for in the new one. */
  restart(): void {
    const own = this.view.value.entries.filter(({ kind }) => kind === "own");
    this.lostBefore = [...this.lostBefore, ...own.map(({ text }) => text)];
    this.view.value = emptyView(this.ticket);
    this.delivery.restart();
  }

  private outcome({ events, acts }: Outcome): void {
    this.show(events);
    this.carry(acts);
  }

  private show(events: readonly EventFrame[]): void {
    if (events.length) this.view.value = withEvents(this.view.value, events);
  }

  /** Does what the delivery asks, and keeps what a reload must find again. */
  private carry(acts: readonly Act[]): void {
    for (const act of acts) {
      switch (act.do) {
        case "send": this.outside.send(act.frame); break;
        case "reconnect": queueMicrotask(() => this.outside.renew()); break;
        case "failed": this.failed = [...this.failed, { text: act.text, failed: act.words }]; break;
        case "gone": this.gone.value = act.words; break;
        case "restart":
          this.restart();
          for (const { frame } of this.delivery.join(Date.now()).filter((it) => it.do === "send")) this.outside.send(frame);
          break;
      }
    }
    const saved = this.delivery.saved();
    saveDelivery(this.owner, this.ticket, saved);
    const unsent = [...this.failed, ...saved.waiting.map(({ text, note }) => ({ text, note }))];
    if (unsent.length || this.unsent.value.length) this.unsent.value = unsent;
  }

  private findLost(): void {
    if (!this.lostBefore.length) return;
    const kept = this.view.value.entries.filter(({ kind }) => kind === "own").map(({ text }) => text);
    for (const text of kept) {
      const at = this.lostBefore.indexOf(text);
      if (at >= 0) this.lostBefore.splice(at, 1);
    }
    this.lost.value = [...this.lost.value, ...this.lostBefore];
    this.lostBefore = [];
  }
}
