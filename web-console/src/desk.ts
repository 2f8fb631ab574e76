// The page's side of the desk: one connection, the tickets heard on it, and what is shown, as signals.

import { batch, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

import { Connection } from "./connection.ts";
import type { Line } from "./connection.ts";
import { Delivery } from "./delivery.ts";
import type { Act } from "./delivery.ts";
import { withAgents, withCategories } from "./floor.ts";
import { without } from "./maps.ts";
import { randomId, saveDelivery, savedDelivery, tab } from "./keep.ts";
import { NOTHING_TOLD, withNotice, withPage, withRead } from "./notices.ts";
import type { Told } from "./notices.ts";
import { ENGINE, LIMITS, REFUSALS } from "./protocol.gen.ts";
import type { ClientFrame, EventFrame, FloorAgent, FloorCategory, Hello, NoteKind, Offered, QueueEntry, Refused, ServerFrame, Welcome, YourState } from "./protocol.gen.ts";
import { emptyView, withEvents, withFrame, withoutOldTyping } from "./view.ts";
import type { View } from "./view.ts";

/** A post that is not on disk yet, or was refused for good. */
export interface Unsent {
  readonly text: string;
  readonly failed?: string;
  /** Set where it is for staff alone. */
  readonly note?: NoteKind | undefined;
}

/** A ticket as this tab hears it. */
export interface Chat {
  readonly ticket: string;
  readonly view: Signal<View>;
  readonly unsent: Signal<readonly Unsent[]>;
  /** Why it cannot be heard. */
  readonly gone: Signal<string>;
  /** Own posts that were acknowledged before the log was restored and are not in it: the user decides. */
  readonly lost: Signal<readonly string[]>;
}

interface Held extends Chat {
  readonly delivery: Delivery;
  failed: Unsent[];
  lostBefore: string[];
  typedAt: number;
  /** The last event that the engine was told is read. */
  readUpTo: number;
}

/** A request without its number. */
type Request = ClientFrame extends infer Frame ? (Frame extends { request: number } ? Omit<Frame, "request"> : never) : never;

type Answer = Extract<ServerFrame, { kind: "done" | "ticket_ready" | "notices" | "canned_replies" | "results" | "what_if_answer" | "routing_explained" }>;

/** The answer "no" to a request. */
export class No extends Error {
  readonly code: number;

  constructor(code: number, words: string) {
    super(words);
    this.code = code;
  }
}

/** In place of a refusal's number where there is no ticket, in the category's own words: final. */
const TURNED_AWAY = 1;
const TICK_MS = 250;
const SAFE_TRIES = 20;

export class Desk {
  readonly line: Signal<Line> = signal("off");
  readonly me: Signal<Welcome | null> = signal(null);
  readonly ended: Signal<{ code: number; words: string } | null> = signal(null);
  /** The last refusal that no form and no conversation shows. */
  readonly trouble: Signal<string> = signal("");
  readonly chats: Signal<ReadonlyMap<string, Chat>> = signal(new Map());
  readonly queue: Signal<ReadonlyMap<string, QueueEntry>> = signal(new Map());
  /** Tickets that wait for this agent's yes or no. */
  readonly offers: Signal<ReadonlyMap<string, Offered>> = signal(new Map());
  readonly state: Signal<YourState | null> = signal(null);
  /** What this person was told of. */
  readonly told: Signal<Told> = signal(NOTHING_TOLD);
  /** The floor, as far as this person watches it. */
  readonly agents: Signal<ReadonlyMap<string, FloorAgent>> = signal(new Map());
  readonly categories: Signal<ReadonlyMap<string, FloorCategory>> = signal(new Map());
  /** The tickets this person has, as the engine says. */
  readonly mine: Signal<ReadonlySet<string>> = signal(new Set());
  /** Called after each welcome, before any ticket is joined again. */
  onWelcome: (welcome: Welcome) => void = () => {};

  private readonly owner: "customer" | "staff";
  /** A customer is member 0; who else one is, only the events say. */
  private readonly author: number;
  private readonly connection: Connection;
  private readonly held = new Map<string, Held>();
  private readonly asked = new Map<number, { settle: (answer: Answer) => void; refuse: (no: No) => void }>();
  private lastRequest = 0;
  /** Whether this connection's welcome was seen, and with it the epoch that all joins depend on. */
  private greeted = false;
  private ticker: ReturnType<typeof setInterval> | undefined;

  /** `owner` parts what is kept for customers and for staff in one browser. */
  constructor(owner: "customer" | "staff", hello: () => Hello) {
    this.owner = owner;
    this.author = owner === "customer" ? 0 : ENGINE;
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
    this.connection = new Connection(url, hello, {
      line: (now) => this.lineChanged(now),
      frame: (frame) => batch(() => this.frame(frame)),
      ended: (code, words) => (this.ended.value = { code, words }),
    });
  }

  start(): void {
    this.ended.value = null;
    this.connection.start();
    this.ticker ??= setInterval(() => this.tick(), TICK_MS);
  }

  stop(): void {
    this.connection.stop();
    clearInterval(this.ticker);
    this.ticker = undefined;
  }

  /** Hears a ticket from now on; the same chat if it is heard already. */
  hear(ticket: string): Chat {
    const known = this.held.get(ticket);
    if (known) return known;
    const delivery = new Delivery(ticket, this.author, () => randomId(128), savedDelivery(this.owner, ticket));
    const held: Held = {
      ticket, delivery, view: signal(emptyView(ticket)), unsent: signal([]), gone: signal(""), lost: signal([]),
      failed: [], lostBefore: [], typedAt: 0, readUpTo: 0,
    };
    this.held.set(ticket, held);
    this.chats.value = new Map(this.held);
    if (this.greeted) this.carry(held, delivery.join(Date.now()));
    return held;
  }

  forget(ticket: string): void {
    if (!this.held.delete(ticket)) return;
    this.connection.send({ kind: "leave", ticket });
    this.chats.value = new Map(this.held);
  }

  /** Says something to all, or as a note to staff alone. */
  say(ticket: string, text: string, note?: NoteKind): void {
    const held = this.held.get(ticket);
    if (held) this.carry(held, held.delivery.say(text, Date.now(), note));
  }

  typing(ticket: string, kind: "typing" | "note_typing" = "typing"): void {
    const [held, now] = [this.held.get(ticket), Date.now()];
    if (!held || now - held.typedAt < LIMITS.TYPING_EVERY_MS) return;
    held.typedAt = now;
    this.connection.send({ kind, ticket });
  }

  /** The reader has seen up to here; said again with the next line where it did not arrive. */
  read(ticket: string, seq: number): void {
    const held = this.held.get(ticket);
    if (!held || seq <= held.readUpTo || !this.greeted) return;
    const before = held.readUpTo;
    held.readUpTo = seq;
    this.ask({ kind: "read_up_to", ticket, seq }).catch(() => (held.readUpTo = Math.min(held.readUpTo, before)));
  }

  /** A page of what this person was told of, below a number; 0 for the newest. */
  askNotices(before: number): void {
    this.askSafely({ kind: "ask_notices", before }).then((page) => {
      if (page.kind === "notices") this.told.value = withPage(before ? this.told.value : { ...this.told.value, lines: [] }, page);
    }, () => {});
  }

  /** Seen: one notice, or all (0). */
  markNotices(number: number): void {
    this.wish({ kind: "mark_notices", number });
  }

  /** The user's word on the posts that a restored log has lost. */
  decideLost(ticket: string, sendAgain: "send" | "drop"): void {
    const held = this.held.get(ticket);
    if (!held) return;
    const texts = held.lost.value;
    held.lost.value = [];
    if (sendAgain === "send") for (const text of texts) this.say(ticket, text);
  }

  dismissFailed(ticket: string): void {
    const held = this.held.get(ticket);
    if (!held) return;
    held.failed = [];
    this.carry(held, []);
  }

  /** Asks once; a connection that ends before the answer refuses it here. */
  ask(request: Request): Promise<Answer> {
    this.lastRequest += 1;
    const number = this.lastRequest;
    return new Promise((settle, refuse) => {
      if (!this.greeted) return refuse(new No(0, "Not connected. Try again in a moment."));
      this.asked.set(number, { settle, refuse });
      this.connection.send({ ...request, request: number } as ClientFrame);
    });
  }

  /** Asks until there is a final answer. Only for what may safely be asked twice. */
  async askSafely(request: Request): Promise<Answer> {
    for (let tried = 0; ; tried++) {
      try {
        return await this.ask(request);
      } catch (no) {
        const later = no instanceof No && (no.code === 0 || (REFUSALS[no.code]?.retryable ?? false));
        if (!later || tried >= SAFE_TRIES) throw no;
        await new Promise((settle) => setTimeout(settle, 500));
      }
    }
  }

  /** Asks for what nobody pressed a button for; a refusal is shown all the same. */
  wish(request: Request): void {
    this.askSafely(request).catch((no: unknown) => {
      // Where the connection was lost, the next welcome wishes again.
      if (no instanceof No && no.code !== 0) this.trouble.value = no.message;
    });
  }

  private lineChanged(now: Line): void {
    batch(() => {
      this.line.value = now;
      if (now === "online") return;
      this.greeted = false;
      for (const { delivery } of this.held.values()) delivery.disconnected();
      for (const { refuse } of this.asked.values()) refuse(new No(0, "The connection was lost before the answer. Try again."));
      this.asked.clear();
    });
  }

  private tick(): void {
    const now = Date.now();
    batch(() => {
      for (const held of this.held.values()) {
        const acts = this.greeted ? held.delivery.tick(now) : [];
        if (acts.length) this.carry(held, acts);
        held.view.value = withoutOldTyping(held.view.value, now);
      }
    });
  }

  private frame(frame: ServerFrame): void {
    const now = Date.now();
    switch (frame.kind) {
      case "welcome": return this.welcome(frame, now);
      case "refused": return this.refused(frame, now);
      case "done":
      case "notices":
      case "canned_replies":
      case "results":
      case "what_if_answer":
      case "routing_explained":
      case "ticket_ready": return this.answered(frame);
      case "floor_agents": this.agents.value = withAgents(this.agents.value, frame); return;
      case "floor_categories": this.categories.value = withCategories(this.categories.value, frame); return;
      case "notified": this.told.value = withNotice(this.told.value, frame); return;
      case "notices_read": this.told.value = withRead(this.told.value, frame); return;
      case "turned_away": return this.no(frame.request, TURNED_AWAY, frame.text);
      case "queue_entry": this.queue.value = new Map(this.queue.value).set(frame.ticket, frame); return;
      case "queue_gone": this.queue.value = without(this.queue.value, frame.ticket); return;
      case "yours": this.mine.value = new Set(this.mine.value).add(frame.ticket); this.hear(frame.ticket); return;
      case "not_yours": this.mine.value = new Set([...this.mine.value].filter((it) => it !== frame.ticket)); return;
      case "your_state": this.state.value = frame; return;
      case "offered": this.offers.value = new Map(this.offers.value).set(frame.ticket, frame); return;
      case "offer_gone": this.offers.value = without(this.offers.value, frame.ticket); return;
      case "goodbye":
      case "escalation": case "transfer_answered":
      case "new_ticket":
      case "my_routing":
      case "your_slots": case "your_label":
      case "discussions":
      case "pong": return;
      default: {
        const held = this.held.get(frame.ticket);
        if (held) this.ofTicket(held, frame, now);
      }
    }
  }

  private welcome(welcome: Welcome, now: number): void {
    const key = `epoch.${this.owner}.${welcome.person}`;
    const before = tab.get(key);
    tab.set(key, welcome.epoch);
    this.me.value = welcome;
    this.trouble.value = "";
    this.queue.value = new Map();
    this.offers.value = new Map();
    this.agents.value = new Map();
    this.categories.value = new Map();
    this.mine.value = new Set(welcome.tickets.map(({ ticket }) => ticket));
    for (const ticket of this.mine.value) this.hear(ticket);
    this.onWelcome(welcome);
    for (const held of this.held.values()) {
      if (before !== null && before !== welcome.epoch) this.restart(held);
      this.carry(held, held.delivery.join(now));
    }
    this.greeted = true;
  }

  private answered(answer: Answer): void {
    this.asked.get(answer.request)?.settle(answer);
    this.asked.delete(answer.request);
  }

  private no(request: number, code: number, words: string): void {
    this.asked.get(request)?.refuse(new No(code, words));
    this.asked.delete(request);
  }

  private refused(refused: Refused, now: number): void {
    const words = refused.detail || REFUSALS[refused.code]?.words || `refusal ${refused.code}`;
    if (refused.request !== 0) return this.no(refused.request, refused.code, words);
    const held = this.held.get(refused.ticket);
    if (held) this.carry(held, held.delivery.refused(refused, now));
    // A ticket that was let go of is no trouble; a frame that names none was not understood.
    else if (/^0*$/.test(refused.ticket)) this.trouble.value = words;
  }

  private ofTicket(held: Held, frame: Exclude<ServerFrame, { kind: "welcome" | "refused" }> & { ticket: string }, now: number): void {
    switch (frame.kind) {
      case "acknowledged": {
        const { events, acts } = held.delivery.acknowledged(frame, now);
        this.show(held, events);
        return this.carry(held, acts);
      }
      case "page":
      case "staff_page": {
        const { events, acts } = held.delivery.page(frame.events, frame.more, now);
        this.show(held, events);
        if (!frame.more) this.findLost(held);
        return this.carry(held, acts);
      }
      case "message":
      case "own_message":
      case "opened":
      case "assigned":
      case "advanced":
      case "member_added":
      case "noted":
      case "own_note":
      case "watch_began":
      case "watch_ended":
      case "phase_changed":
      case "acted":
      case "category_changed":
      case "founded": case "entered": case "departed": case "post_deleted": case "slow_mode":
      case "customer_told": case "agent_silent": case "moderated": {
        const { events, acts } = held.delivery.event(frame, now);
        this.show(held, events);
        return this.carry(held, acts);
      }
      default: held.view.value = withFrame(held.view.value, frame, now);
    }
  }

  private show(held: Held, events: readonly EventFrame[]): void {
    if (events.length) held.view.value = withEvents(held.view.value, events);
  }

  /** Does what the delivery asks, and keeps what a reload must find again. */
  private carry(held: Held, acts: readonly Act[]): void {
    for (const act of acts) {
      switch (act.do) {
        case "send": this.connection.send(act.frame); break;
        case "reconnect": queueMicrotask(() => this.connection.renew()); break;
        case "failed": held.failed = [...held.failed, { text: act.text, failed: act.words }]; break;
        case "gone": held.gone.value = act.words; break;
        case "restart":
          this.restart(held);
          for (const { frame } of held.delivery.join(Date.now()).filter((it) => it.do === "send")) this.connection.send(frame);
          break;
      }
    }
    const saved = held.delivery.saved();
    saveDelivery(this.owner, held.ticket, saved);
    const unsent = [...held.failed, ...saved.waiting.map(({ text, note }) => ({ text, note }))];
    if (unsent.length || held.unsent.value.length) held.unsent.value = unsent;
  }

  /** The log was restored from an older state: the copy goes, and own words in it are looked for in the new one. */
  private restart(held: Held): void {
    const own = held.view.value.entries.filter(({ kind }) => kind === "own");
    held.lostBefore = [...held.lostBefore, ...own.map(({ text }) => text)];
    held.view.value = emptyView(held.ticket);
    held.delivery.restart();
  }

  private findLost(held: Held): void {
    if (!held.lostBefore.length) return;
    const kept = held.view.value.entries.filter(({ kind }) => kind === "own").map(({ text }) => text);
    for (const text of kept) {
      const at = held.lostBefore.indexOf(text);
      if (at >= 0) held.lostBefore.splice(at, 1);
    }
    held.lost.value = [...held.lost.value, ...held.lostBefore];
    held.lostBefore = [];
  }
}
