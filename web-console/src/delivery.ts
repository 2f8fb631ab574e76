// The delivery rule of one ticket, without a socket or a clock: every post arrives exactly once, every event in order.
// One post is under way at a time, so when a stream must be left nothing on it is undecided.

import { LIMITS, REFUSALS } from "./protocol.gen.ts";
import type { Acknowledged, ClientFrame, EventFrame, NoteKind, Refused } from "./protocol.gen.ts";

/** A post that is not acknowledged yet; its number stays its own. */
export interface Post {
  readonly number: number;
  readonly text: string;
  /** Said to staff alone, as this; numbered with the posts. */
  readonly note?: NoteKind;
}

/** What outlives a reload of the page. */
export interface Saved {
  readonly stream: string;
  readonly last: number;
  readonly waiting: readonly Post[];
}

/** What the delivery asks of the outside. */
export type Act =
  | { readonly do: "send"; readonly frame: ClientFrame }
  /** Answers to what was sent before would be taken for answers on the new stream: a new connection parts them. */
  | { readonly do: "reconnect" }
  /** The post was refused for good and is not waiting any more. */
  | { readonly do: "failed"; readonly text: string; readonly words: string }
  /** The log was restored from an older state: the copy must be dropped. */
  | { readonly do: "restart" }
  /** The ticket cannot be heard. */
  | { readonly do: "gone"; readonly words: string };

/** The events to show, and what to do. */
export interface Outcome {
  readonly events: readonly EventFrame[];
  readonly acts: readonly Act[];
}

const RETRY_MS_MIN = 50;
/** An acknowledgement names its place; the events before it must be here after this long. */
const GAP_MS = 1_000;
const NEW_STREAM = new Set(["stream_conflict", "stream_unknown", "stream_forgotten"]);

export class Delivery {
  readonly ticket: string;
  private readonly me: number;
  private readonly randomStream: () => string;
  private stream: string;
  /** The last number given to a post. */
  private last = 0;
  private waiting: Post[] = [];
  /** The last event that was seen, without a gap before it. */
  private seq = 0;
  private live = false;
  /** Own posts whose place is known by the acknowledgement, but not yet all that is before it. */
  private early: EventFrame[] = [];
  private gapAt: number | null = null;
  /** Copies of the post under way that this connection has not answered. */
  private unanswered = 0;
  private finalWords = "";
  private sendAt: number | null = null;
  private joinAt: number | null = null;

  /** `me` is the author of own posts known by their acknowledgement, which does not name him. */
  constructor(ticket: string, me: number, randomStream: () => string, saved?: Saved) {
    this.ticket = ticket;
    this.me = me;
    this.randomStream = randomStream;
    this.stream = saved?.stream ?? randomStream();
    this.last = saved?.last ?? 0;
    this.waiting = [...(saved?.waiting ?? [])];
  }

  saved(): Saved {
    return { stream: this.stream, last: this.last, waiting: this.waiting };
  }

  get unacknowledged(): readonly Post[] {
    return this.waiting;
  }

  /** On a new connection, and wherever the order was lost: hear what came after the last event seen. */
  join(now: number): Act[] {
    this.live = false;
    this.forgetEarly();
    this.joinAt = now + LIMITS.RESEND_AFTER_MS;
    return [{ do: "send", frame: { kind: "join", ticket: this.ticket, stream: this.stream, after: this.seq } }];
  }

  /** The connection ended, and with it all answers to come. */
  disconnected(): void {
    this.live = false;
    this.forgetEarly();
    this.unanswered = 0;
    this.finalWords = "";
    this.sendAt = null;
    this.joinAt = null;
  }

  say(text: string, now: number, note?: NoteKind): Act[] {
    this.last += 1;
    this.waiting.push({ number: this.last, text, ...(note && { note }) });
    return this.waiting.length === 1 ? this.send(now) : [];
  }

  private send(now: number): Act[] {
    const [oldest] = this.waiting;
    if (!oldest || !this.live) return [];
    this.unanswered += 1;
    this.sendAt = now + LIMITS.RESEND_AFTER_MS;
    const { number, text, note } = oldest;
    const { ticket } = this;
    return [{ do: "send", frame: note ? { kind: "note", ticket, note, number, text } : { kind: "post", ticket, number, text } }];
  }

  /** What is due by now: a repeat of the oldest post, or of the join. */
  tick(now: number): Act[] {
    if (this.joinAt !== null && now >= this.joinAt) return this.join(now);
    if (this.gapAt !== null && now >= this.gapAt) return this.join(now);
    return this.sendAt !== null && now >= this.sendAt ? this.send(now) : [];
  }

  event(event: EventFrame, now: number): Outcome {
    if (event.seq > this.seq + 1) return { events: [], acts: this.live ? this.join(now) : [] };
    if (event.seq <= this.seq) return { events: [], acts: [] };
    const own = event.kind === "own_message" || event.kind === "own_note";
    const acts = own && event.stream === this.stream ? this.taken(event.number, now) : [];
    return { events: this.seen(event), acts };
  }

  /** The event, and what was early and is next now. */
  private seen(event: EventFrame): EventFrame[] {
    const events = [event];
    for (this.seq = event.seq; ; this.seq += 1) {
      const next = this.early.find(({ seq }) => seq === this.seq + 1);
      if (!next) break;
      events.push(next);
    }
    this.early = this.early.filter(({ seq }) => seq > this.seq);
    if (!this.early.length) this.gapAt = null;
    return events;
  }

  /** Pages bring them again. */
  private forgetEarly(): void {
    this.early = [];
    this.gapAt = null;
  }

  page(events: readonly EventFrame[], more: boolean, now: number): Outcome {
    const fresh: EventFrame[] = [];
    for (const event of events) fresh.push(...this.event(event, now).events);
    if (more) return { events: fresh, acts: this.join(now) };
    this.live = true;
    this.joinAt = null;
    return { events: fresh, acts: this.send(now) };
  }

  /** On the connection that posted, the acknowledgement stands in place of the event. */
  acknowledged({ number, seq, at }: Acknowledged, now: number): Outcome {
    const post = this.waiting.find((it) => it.number === number);
    if (!post) return { events: [], acts: [] };
    const { ticket, stream, me: author } = this;
    const own = { ticket, seq, at, stream, number, text: post.text };
    const event: EventFrame = post.note ? { kind: "own_note", note: post.note, ...own } : { kind: "own_message", author, ...own };
    const acts = this.taken(number, now);
    if (seq <= this.seq || !this.live) return { events: [], acts };
    if (seq === this.seq + 1) return { events: this.seen(event), acts };
    this.early.push(event);
    this.gapAt ??= now + GAP_MS;
    return { events: [], acts };
  }

  /** A number of our stream is on disk: in answer to us, or seen as an event. */
  private taken(number: number, now: number): Act[] {
    this.last = Math.max(this.last, number);
    if (!this.waiting.some((post) => post.number === number)) return [];
    this.waiting = this.waiting.filter((post) => post.number > number);
    return this.next(now);
  }

  private next(now: number): Act[] {
    this.unanswered = 0;
    this.finalWords = "";
    this.sendAt = null;
    return this.send(now);
  }

  /** A refusal of a post (`number` is not 0) or of the join. */
  refused(refused: Refused, now: number): Act[] {
    const meaning = REFUSALS[refused.code];
    const words = refused.detail || meaning?.words || `refusal ${refused.code}`;
    const retryable = meaning?.retryable ?? refused.code >= 200;
    const retryAt = now + Math.max(refused.retry_ms, RETRY_MS_MIN);
    if (refused.number === 0) return this.joinRefused(meaning?.name, words, retryable ? retryAt : null);
    if (refused.number !== this.waiting[0]?.number) return [];
    this.unanswered = Math.max(0, this.unanswered - 1);
    if (retryable) {
      this.sendAt = retryAt;
      return [];
    }
    if (meaning?.name === "not_joined") return this.live ? this.join(now) : [];
    if (meaning && NEW_STREAM.has(meaning.name)) return this.restream();
    if (meaning?.name === "out_of_order") return this.outOfOrder(refused.expected, now);
    return this.refusedForGood(words, now);
  }

  private joinRefused(name: string | undefined, words: string, retryAt: number | null): Act[] {
    // One of an earlier join says nothing of this one; only a ticket that is set aside ends what is live.
    if (this.live && name !== "set_aside") return [];
    this.live = false;
    this.joinAt = retryAt;
    if (retryAt !== null) return [];
    return [name === "ahead" ? { do: "restart" } : { do: "gone", words }];
  }

  /** With one post under way this is a loss of the log, or the number of a post that was refused for good. */
  private outOfOrder(expected: number, now: number): Act[] {
    return this.waiting.some((post) => post.number === expected) ? this.send(now) : this.restream();
  }

  /** What is unacknowledged goes on a new stream, numbered from 1. */
  private restream(): Act[] {
    this.renew();
    return [{ do: "reconnect" }];
  }

  private renew(): void {
    this.stream = this.randomStream();
    this.waiting = this.waiting.map((post, index) => ({ ...post, number: index + 1 }));
    this.last = this.waiting.length;
    this.disconnected();
  }

  /** The number is not used up; it is given to the next post once no copy of this one can still be taken. */
  private refusedForGood(words: string, now: number): Act[] {
    this.finalWords = words;
    if (this.unanswered > 0) return [];
    const [post, ...rest] = this.waiting;
    if (!post) return [];
    this.waiting = rest.map((later) => ({ ...later, number: later.number - 1 }));
    this.last -= 1;
    return [{ do: "failed", text: post.text, words: this.finalWords }, ...this.next(now)];
  }

  /** Another epoch: copies and position are void. What was acknowledged is not sent again unless the user says so. */
  restart(): void {
    this.seq = 0;
    this.renew();
  }
}
