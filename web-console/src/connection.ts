// One WebSocket that comes back: hello first, jittered delays, a ping of our own, and close codes that mean "stay away".

import { Malformed, clientFrames, serverFrames } from "./codec.ts";
import { CLOSES, LIMITS, SUBPROTOCOL } from "./protocol.gen.ts";
import type { ClientFrame, Goodbye, Hello, ServerFrame } from "./protocol.gen.ts";

export type Line = "off" | "connecting" | "online";

/** What the connection tells its owner. */
export interface Listener {
  line(now: Line): void;
  frame(frame: ServerFrame): void;
  /** Ended for good; coming back unchanged makes no sense. */
  ended(code: number, words: string): void;
}

const DELAY_MS_FIRST = 250;
const DELAY_MS_MAX = 10_000;
const FIRST_FATAL = 4_100;

/** How long to wait before try number `attempt` (from 0): it doubles, and a random half of it is left out. */
export function delayMs(attempt: number, random: number): number {
  const whole = Math.min(DELAY_MS_MAX, DELAY_MS_FIRST * 2 ** Math.min(attempt, 16));
  return Math.round(whole * (0.5 + random / 2));
}

/** Whether a connection that ended with this code should come back. Codes of others (1005, 1006) mean a lost line. */
export function mayReturn(code: number): boolean {
  const meaning = CLOSES[code];
  return meaning ? meaning.comeBack || code === 1000 : code < FIRST_FATAL;
}

export class Connection {
  private readonly url: string;
  private readonly hello: () => Hello;
  private readonly listener: Listener;
  private socket: WebSocket | null = null;
  private attempt = 0;
  private comeBackMs: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pinger: ReturnType<typeof setInterval> | undefined;
  private heardAt = 0;
  private wanted = false;

  constructor(url: string, hello: () => Hello, listener: Listener) {
    this.url = url;
    this.hello = hello;
    this.listener = listener;
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.attempt = 0;
    this.connect();
  }

  stop(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    this.drop();
    this.listener.line("off");
  }

  /** Leaves this connection and takes a new one at once. */
  renew(): void {
    if (!this.wanted || !this.socket) return;
    this.drop();
    this.later(0);
  }

  /** Sends, or does nothing without a connection: what matters is sent again after the next welcome. */
  send(frame: ClientFrame): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(clientFrames.encode(frame));
  }

  private connect(): void {
    this.listener.line("connecting");
    const socket = new WebSocket(this.url, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.heardAt = Date.now();
    const mine = () => this.socket === socket;
    socket.onopen = () => mine() && this.send(this.hello());
    socket.onmessage = ({ data }) => mine() && this.heard(data as ArrayBuffer);
    socket.onclose = ({ code, reason }) => mine() && this.closed(code, reason);
    clearInterval(this.pinger);
    this.pinger = setInterval(() => this.checkAlive(), LIMITS.PING_AFTER_MS);
  }

  private heard(data: ArrayBuffer): void {
    this.heardAt = Date.now();
    try {
      const frame = serverFrames.decode(new Uint8Array(data));
      if (frame.kind === "welcome") this.welcomed();
      if (frame.kind === "goodbye") this.goodbye(frame);
      this.listener.frame(frame);
    } catch (fault) {
      if (!(fault instanceof Malformed)) throw fault;
      // An engine of another version: nothing on this connection can be trusted any more.
      console.error("a frame that is not in the table", fault.message);
      this.renewSlowly();
    }
  }

  private welcomed(): void {
    this.attempt = 0;
    this.comeBackMs = null;
    this.listener.line("online");
  }

  private goodbye(frame: Goodbye): void {
    this.comeBackMs = frame.retry_ms;
  }

  private checkAlive(): void {
    if (Date.now() - this.heardAt >= LIMITS.SILENT_AFTER_MS) this.renewSlowly();
    else this.send({ kind: "ping", nonce: 0 });
  }

  private renewSlowly(): void {
    this.drop();
    this.later(this.nextDelay());
  }

  private closed(code: number, reason: string): void {
    this.drop();
    if (mayReturn(code)) return this.later(this.nextDelay());
    this.wanted = false;
    this.listener.line("off");
    this.listener.ended(code, CLOSES[code]?.words ?? reason);
  }

  private nextDelay(): number {
    const delay = this.comeBackMs ?? delayMs(this.attempt, Math.random());
    this.comeBackMs = null;
    this.attempt += 1;
    return delay;
  }

  private later(ms: number): void {
    if (!this.wanted) return;
    this.listener.line("connecting");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), ms);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    clearInterval(this.pinger);
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close(1000);
  }
}
