import type { Player } from "./announcer";
import type { VoiceLanguage } from "./phrases";

/** Plays the voice pack through Web Audio: clips are decoded once and joined without gaps. */
export class ClipPlayer implements Player {
  private readonly context = new AudioContext();
  private readonly clips = new Map<string, Promise<AudioBuffer | null>>();
  private readonly sounding = new Set<AudioBufferSourceNode>();

  /** Calls `listener` now and whenever the browser allows or forbids sound. */
  watch(listener: (allowed: boolean) => void): void {
    const tell = () => listener(this.context.state === "running");
    this.context.addEventListener("statechange", tell);
    // A browser that allows sound starts the context by itself within moments.
    setTimeout(tell, 500);
  }

  async unlock(): Promise<void> {
    await this.context.resume();
  }

  async play(language: VoiceLanguage, names: string[]): Promise<void> {
    if (this.context.state !== "running") throw new Error("sound is not allowed yet");
    const buffers = await Promise.all(names.map(name => this.clip(language, name)));
    let at = this.context.currentTime + 0.05;
    let last: AudioBufferSourceNode | null = null;
    for (const buffer of buffers) {
      if (!buffer) continue;
      last = this.context.createBufferSource();
      last.buffer = buffer;
      last.connect(this.context.destination);
      last.start(at);
      this.sounding.add(last);
      at += buffer.duration;
    }
    if (!last) throw new Error("no clip of the phrase could be loaded");
    const end = last;
    await new Promise<void>(resolve => {
      end.onended = () => resolve();
    });
    this.sounding.clear();
  }

  stop(): void {
    for (const source of this.sounding) source.stop();
    this.sounding.clear();
  }

  /** Loads clips ahead of the first call, so that a later loss of the network does not silence the hall. */
  async preload(language: VoiceLanguage, names: string[]): Promise<void> {
    for (const name of names) await this.clip(language, name);
  }

  private clip(language: VoiceLanguage, name: string): Promise<AudioBuffer | null> {
    // The chime has no language.
    const path = name === "chime" ? "ru/chime" : `${language}/${name}`;
    let clip = this.clips.get(path);
    if (!clip) {
      clip = fetch(`/voice/${path}.ogg`)
        .then(response => (response.ok ? response.arrayBuffer() : Promise.reject(new Error(path))))
        .then(data => this.context.decodeAudioData(data))
        .catch(() => {
          this.clips.delete(path);
          return null;
        });
      this.clips.set(path, clip);
    }
    return clip;
  }
}
