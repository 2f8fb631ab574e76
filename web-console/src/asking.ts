// Requests and their answers on one connection: each is settled once, by its number, or refused when the line is lost.

import { REFUSALS } from "./protocol.gen.ts";
import type { ClientFrame, ServerFrame, TurnedAway } from "./protocol.gen.ts";

/** A request without its number. */
export type Request = ClientFrame extends infer Frame ? (Frame extends { request: number } ? Omit<Frame, "request"> : never) : never;

export type Answer = Extract<ServerFrame, {
  kind: "done" | "ticket_ready" | "notices" | "canned_replies" | "results" | "what_if_answer" | "routing_explained" | "floor_agents" | "discussions";
}>;

/** The answer "no" to a request. */
export class No extends Error {
  readonly code: number;
  /** Where a category turned an opening away: its own words. */
  readonly away: TurnedAway | undefined;

  constructor(code: number, words: string, away?: TurnedAway) {
    super(words);
    this.code = code;
    this.away = away;
  }
}

/** In place of a refusal's number where there is no connection: ask again later. */
const NO_LINE = 0;
/** In place of a refusal's number where a category turned an opening away: final. */
const TURNED_AWAY = 1;
const SAFE_TRIES = 20;
const SAFE_PAUSE_MS = 500;

export class Asking {
  private readonly send: (frame: ClientFrame) => void;
  private readonly asked = new Map<number, { settle: (answer: Answer) => void; refuse: (no: No) => void }>();
  private last = 0;
  private open = false;

  constructor(send: (frame: ClientFrame) => void) {
    this.send = send;
  }

  /** Asks once; a connection that ends before the answer refuses it here. */
  ask(request: Request): Promise<Answer> {
    this.last += 1;
    const number = this.last;
    return new Promise((settle, refuse) => {
      if (!this.open) return refuse(new No(NO_LINE, "Not connected. Try again in a moment."));
      this.asked.set(number, { settle, refuse });
      this.send({ ...request, request: number } as ClientFrame);
    });
  }

  /** Asks until there is a final answer. Only for what may safely be asked twice. */
  async askSafely(request: Request): Promise<Answer> {
    for (let tried = 0; ; tried++) {
      try {
        return await this.ask(request);
      } catch (no) {
        const later = no instanceof No && (no.code === NO_LINE || (REFUSALS[no.code]?.retryable ?? false));
        if (!later || tried >= SAFE_TRIES) throw no;
        await new Promise((settle) => setTimeout(settle, SAFE_PAUSE_MS));
      }
    }
  }

  /** Asks for what nobody pressed a button for; `refused` hears what will not be had. */
  wish(request: Request, refused: (words: string) => void): void {
    this.askSafely(request).catch((no: unknown) => {
      // Where the connection was lost, the next welcome wishes again.
      if (no instanceof No && no.code !== NO_LINE) refused(no.message);
    });
  }

  /** There is a welcome: what is asked now is answered. */
  begin(): void {
    this.open = true;
  }

  /** The connection ended, and with it all answers to come. */
  end(): void {
    this.open = false;
    for (const { refuse } of this.asked.values()) refuse(new No(NO_LINE, "The connection was lost before the answer. Try again."));
    this.asked.clear();
  }

  answered(answer: Answer): void {
    this.asked.get(answer.request)?.settle(answer);
    this.asked.delete(answer.request);
  }

  refused(request: number, code: number, words: string): void {
    this.no(request, new No(code, words));
  }

  turnedAway(frame: TurnedAway): void {
    this.no(frame.request, new No(TURNED_AWAY, frame.text, frame));
  }

  private no(request: number, no: No): void {
    this.asked.get(request)?.refuse(no);
    this.asked.delete(request);
  }
}
