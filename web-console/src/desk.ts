// The page's side of the desk: one connection, the tickets heard on it, and what is shown, as signals.

import { batch, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

import { wordsOfAlarm, withEscalation } from "./alarms.ts";
import type { Alarm } from "./alarms.ts";
import { Asking } from "./asking.ts";
import type { Answer, Request } from "./asking.ts";
import { Chat } from "./chat.ts";
import type { Owner } from "./chat.ts";
import { Connection } from "./connection.ts";
import type { Line } from "./connection.ts";
import { withAgents, withCategories } from "./floor.ts";
import { tab } from "./keep.ts";
import { without } from "./maps.ts";
import { NOTHING_TOLD, withNotice, withPage, withRead } from "./notices.ts";
import type { Told } from "./notices.ts";
import { REFUSALS } from "./protocol.gen.ts";
import type { Escalation, FloorAgent, FloorCategory, Hello, NoteKind, Offered, Refused, ServerFrame, Welcome, YourState } from "./protocol.gen.ts";
import { EMPTY_QUEUE, withEntry, withGone } from "./queue.ts";
import type { Queue } from "./queue.ts";

const TICK_MS = 250;

export class Desk {
  readonly line: Signal<Line> = signal("off");
  readonly me: Signal<Welcome | null> = signal(null);
  readonly ended: Signal<{ code: number; words: string } | null> = signal(null);
  /** The last refusal that no form and no conversation shows. */
  readonly trouble: Signal<string> = signal("");
  readonly chats: Signal<ReadonlyMap<string, Chat>> = signal(new Map());
  readonly queue: Signal<Queue> = signal(EMPTY_QUEUE);
  /** Tickets that wait for a supervisor. */
  readonly escalations: Signal<ReadonlyMap<string, Escalation>> = signal(new Map());
  /** What has just been told of a ticket, until it is dismissed. */
  readonly alarm: Signal<string> = signal("");
  /** Tickets that wait for this agent's yes or no. */
  readonly offers: Signal<ReadonlyMap<string, Offered>> = signal(new Map());
  readonly state: Signal<YourState | null> = signal(null);
  /** What this person calls his status. */
  readonly label: Signal<string> = signal("");
  /** What this person was told of. */
  readonly told: Signal<Told> = signal(NOTHING_TOLD);
  /** The floor, as far as this person watches it. */
  readonly agents: Signal<ReadonlyMap<string, FloorAgent>> = signal(new Map());
  readonly categories: Signal<ReadonlyMap<string, FloorCategory>> = signal(new Map());
  /** The tickets this person has, as the engine says. */
  readonly mine: Signal<ReadonlySet<string>> = signal(new Set());
  /** Called after each welcome, before any ticket is joined again. */
  onWelcome: (welcome: Welcome) => void = () => {};

  private readonly owner: Owner;
  private readonly connection: Connection;
  private readonly asking: Asking;
  private readonly held = new Map<string, Chat>();
  /** Whether this connection's welcome was seen, and with it the epoch that all joins depend on. */
  private greeted = false;
  private ticker: ReturnType<typeof setInterval> | undefined;

  constructor(owner: Owner, hello: () => Hello) {
    this.owner = owner;
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
    this.connection = new Connection(url, hello, {
      line: (now) => this.lineChanged(now),
      frame: (frame) => batch(() => this.frame(frame)),
      ended: (code, words) => (this.ended.value = { code, words }),
    });
    this.asking = new Asking((frame) => this.connection.send(frame));
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
    const chat = new Chat(ticket, this.owner, { send: (frame) => this.connection.send(frame), renew: () => this.connection.renew() });
    this.held.set(ticket, chat);
    this.chats.value = new Map(this.held);
    if (this.greeted) chat.join(Date.now());
    return chat;
  }

  forget(ticket: string): void {
    if (!this.held.delete(ticket)) return;
    this.connection.send({ kind: "leave", ticket });
    this.chats.value = new Map(this.held);
  }

  /** Says something to all, or as a note to staff alone. */
  say(ticket: string, text: string, note?: NoteKind): void {
    this.held.get(ticket)?.say(text, note);
  }

  typing(ticket: string, kind: "typing" | "note_typing" = "typing"): void {
    this.held.get(ticket)?.typing(kind);
  }

  /** The reader has seen up to here; said again with the next line where it did not arrive. */
  read(ticket: string, seq: number): void {
    if (this.greeted) this.held.get(ticket)?.read(seq, () => this.ask({ kind: "read_up_to", ticket, seq }));
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

  /** Asks once; a connection that ends before the answer refuses it here. */
  ask(request: Request): Promise<Answer> {
    return this.asking.ask(request);
  }

  /** Asks until there is a final answer. Only for what may safely be asked twice. */
  askSafely(request: Request): Promise<Answer> {
    return this.asking.askSafely(request);
  }

  /** Asks for what nobody pressed a button for; a refusal is shown all the same. */
  wish(request: Request): void {
    this.asking.wish(request, (words) => (this.trouble.value = words));
  }

  private lineChanged(now: Line): void {
    batch(() => {
      this.line.value = now;
      if (now === "online") return;
      this.greeted = false;
      for (const chat of this.held.values()) chat.disconnected();
      this.asking.end();
    });
  }

  private tick(): void {
    const now = Date.now();
    batch(() => {
      for (const chat of this.held.values()) chat.tick(now, this.greeted ? "greeted" : "none");
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
      case "discussions":
      case "ticket_ready": return this.asking.answered(frame);
      case "floor_agents": if (frame.request) return this.asking.answered(frame);
        this.agents.value = withAgents(this.agents.value, frame); return;
      case "floor_categories": this.categories.value = withCategories(this.categories.value, frame); return;
      case "notified": this.told.value = withNotice(this.told.value, frame); return;
      case "notices_read": this.told.value = withRead(this.told.value, frame); return;
      case "turned_away": return this.asking.turnedAway(frame);
      case "queue_entry": this.queue.value = withEntry(this.queue.value, frame); return;
      case "queue_gone": this.queue.value = withGone(this.queue.value, frame); return;
      case "yours": this.mine.value = new Set(this.mine.value).add(frame.ticket); this.hear(frame.ticket); return;
      case "not_yours": this.mine.value = new Set([...this.mine.value].filter((it) => it !== frame.ticket)); return;
      case "your_state": this.state.value = frame; return;
      case "offered": this.offers.value = new Map(this.offers.value).set(frame.ticket, frame); return;
      case "offer_gone": this.offers.value = without(this.offers.value, frame.ticket); return;
      case "your_label": this.label.value = frame.label; return;
      case "escalation": this.escalations.value = withEscalation(this.escalations.value, frame); return;
      case "transfer_answered":
      case "silence_alarm":
      case "all_declined": return this.alarmed(frame);
      case "goodbye":
      case "new_ticket":
      case "my_routing":
      case "your_slots":
      case "pong": return;
      default: this.held.get(frame.ticket)?.frame(frame, now);
    }
  }

  private welcome(welcome: Welcome, now: number): void {
    const key = `epoch.${this.owner}.${welcome.person}`;
    const before = tab.get(key);
    tab.set(key, welcome.epoch);
    this.me.value = welcome;
    this.trouble.value = "";
    this.queue.value = { ...this.queue.value, waiting: new Map() };
    this.escalations.value = new Map();
    this.label.value = "";
    this.offers.value = new Map();
    this.agents.value = new Map();
    this.categories.value = new Map();
    this.mine.value = new Set(welcome.tickets.map(({ ticket }) => ticket));
    for (const ticket of this.mine.value) this.hear(ticket);
    this.onWelcome(welcome);
    for (const chat of this.held.values()) {
      if (before !== null && before !== welcome.epoch) chat.restart();
      chat.join(now);
    }
    this.greeted = true;
    this.asking.begin();
  }

  private alarmed(alarm: Alarm): void {
    const about = this.held.get(alarm.ticket)?.view.value.subject ?? "";
    this.alarm.value = wordsOfAlarm(alarm, about, this.me.value?.person ?? "");
  }

  private refused(refused: Refused, now: number): void {
    const words = refused.detail || REFUSALS[refused.code]?.words || `refusal ${refused.code}`;
    if (refused.request !== 0) return this.asking.refused(refused.request, refused.code, words);
    const held = this.held.get(refused.ticket);
    if (held) held.refused(refused, now);
    // A ticket that was let go of is no trouble; a frame that names none was not understood.
    else if (/^0*$/.test(refused.ticket)) this.trouble.value = words;
  }
}
