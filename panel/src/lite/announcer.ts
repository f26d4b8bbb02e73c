import type { BoardCall } from "./board-feed";
import { phrase, type VoiceLanguage } from "./phrases";

export interface Player {
  /** Plays the clips without a gap and settles when the last has ended. */
  play(language: VoiceLanguage, clips: string[]): Promise<void>;
  /** Silences whatever still sounds. */
  stop(): void;
}

interface AnnouncerOptions {
  player: Player;
  languages: VoiceLanguage[];
  onStart?: (call: BoardCall) => void;
  onEnd?: (call: BoardCall) => void;
  onBroken?: (call: BoardCall) => void;
  watchdogMs?: number;
  /** The breath between two calls. */
  gapMs?: number;
}

// Calls older than this when they arrive (after a broken line) are on the board but no longer spoken.
const staleMs = 60_000;
// A page that has just started speaks only what was called a moment ago.
const startStaleMs = 10_000;
const rememberedCalls = 64;
const hurryFrom = 3;
// More than a minute of speech: what would be said so late is read from the board instead.
const mostWaiting = 20;

/** Speaks calls one at a time, in the order they were made, each event once. */
export class Announcer {
  private readonly seen = new Set<string>();
  private readonly waiting: BoardCall[] = [];
  private started = false;
  private speaking = false;

  constructor(private readonly options: AnnouncerOptions) {}

  /** Takes the calls of a board, newest first, and queues those not met before. */
  offer(newestFirst: BoardCall[], now: number): void {
    const limit = this.started ? staleMs : startStaleMs;
    this.started = true;
    for (const call of [...newestFirst].reverse()) {
      if (this.seen.has(call.eventId)) continue;
      this.seen.add(call.eventId);
      if (now - Date.parse(call.at) <= limit) this.waiting.push(call);
    }
    while (this.waiting.length > mostWaiting) {
      const late = this.waiting.shift();
      if (late) this.options.onBroken?.(late);
    }
    for (const old of this.seen) {
      if (this.seen.size <= rememberedCalls) break;
      this.seen.delete(old);
    }
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.speaking) return;
    this.speaking = true;
    for (let call = this.waiting.shift(); call; call = this.waiting.shift()) {
      const short = this.waiting.length + 1 >= hurryFrom;
      this.options.onStart?.(call);
      await this.speak(call, short);
      this.options.onEnd?.(call);
      await this.breathe();
    }
    this.speaking = false;
  }

  private async breathe(): Promise<void> {
    const gapMs = this.options.gapMs ?? 500;
    if (gapMs > 0 && this.waiting.length > 0) await new Promise(resolve => setTimeout(resolve, gapMs));
  }

  private async speak(call: BoardCall, short: boolean): Promise<void> {
    const languages = short ? this.options.languages.slice(0, 1) : this.options.languages;
    for (const [index, language] of languages.entries()) {
      const clips = phrase(call, language, short);
      if (await this.ends(this.options.player.play(language, index === 0 ? ["chime", ...clips] : clips)))
        continue;
      this.options.player.stop();
      this.options.onBroken?.(call);
      return;
    }
  }

  // A player that never answers must not silence the hall for the rest of the day.
  private ends(playing: Promise<void>): Promise<boolean> {
    return new Promise(resolve => {
      const watchdog = setTimeout(() => resolve(false), this.options.watchdogMs ?? 12_000);
      const settle = (ended: boolean) => {
        clearTimeout(watchdog);
        resolve(ended);
      };
      playing.then(
        () => settle(true),
        () => settle(false),
      );
    });
  }
}
