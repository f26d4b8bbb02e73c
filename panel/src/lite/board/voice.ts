import { Announcer } from "../announcer";
import type { Board } from "../board-feed";
import { ClipPlayer } from "../clip-player";
import { everyClip, type VoiceLanguage } from "../phrases";

/** The voice of one board: what it says next, and whether the browser lets it speak. */
export class Voice {
  private readonly player = new ClipPlayer();
  private announcer: Announcer | null = null;
  allowed = false;

  constructor(onAllowed: (allowed: boolean) => void) {
    this.player.watch(allowed => {
      this.allowed = allowed;
      onAllowed(allowed);
    });
  }

  /** Sets the languages of the branch and loads their clips ahead. */
  start(languages: string[]): void {
    if (this.announcer) return;
    const spoken = languages.filter((name): name is VoiceLanguage => name === "ru" || name === "en");
    const page = document.documentElement;
    this.announcer = new Announcer({
      player: this.player,
      languages: spoken.length > 0 ? spoken : ["ru"],
      onStart: call => page.setAttribute("data-speaking", call.eventId),
      onEnd: () => page.removeAttribute("data-speaking"),
      onBroken: call => console.warn("the call was not spoken", call.eventId),
    });
    for (const language of spoken) void this.player.preload(language, everyClip(language));
  }

  offer(board: Board, now: number): void {
    this.announcer?.offer(board.calls, now);
  }

  unlock(): void {
    void this.player.unlock();
  }
}
