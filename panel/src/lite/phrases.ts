import { latinTwin } from "../shared/number";
import type { BoardCall } from "./board-feed";

export type VoiceLanguage = "ru" | "en";

/** Names of the clips, in order, that say one call. */
export function phrase(call: BoardCall, language: VoiceLanguage, short: boolean): string[] {
  const window = windowClips(call.windowLabel, language);
  const ticket = [letterClip(call.letter), ...numberClips(call.seq, language)];
  if (short) return [...ticket, window.room ? "room" : "window", ...window.number];
  const thanks = call.pastDue ? ["thanks"] : [];
  const place = (verb: "go" | "again" | "expected") => `${verb}-${window.room ? "room" : "window"}`;
  switch (call.kind) {
    case "CALL":
      return [...thanks, "ticket", ...ticket, place("go"), ...window.number];
    case "RECALL":
      return [...thanks, "again", ...ticket, place("again"), ...window.number];
    case "TRANSFER":
      return [...thanks, "ticket", ...ticket, place("expected"), ...window.number];
  }
}

function letterClip(letter: string): string {
  return `letter-${latinTwin(letter).toLowerCase()}`;
}

// «каб. 7» is a room, everything else with a number in it is a window; a letter after it is said too.
function windowClips(label: string, language: VoiceLanguage): { room: boolean; number: string[] } {
  const match = /(\d+)\s*([АВЕКМНРСТУХ])?/.exec(label.toUpperCase());
  const number = match ? numberClips(Number(match[1]), language) : [];
  if (match?.[2]) number.push(letterClip(match[2]));
  return { room: /каб|room/i.test(label), number };
}

/** The clips that say a whole number from 0 to 999 999. */
export function numberClips(number: number, language: VoiceLanguage): string[] {
  if (number === 0) return ["0"];
  const thousands = Math.floor(number / 1000);
  const rest = belowThousand(number % 1000, language, false);
  if (thousands === 0) return rest;
  if (language === "en") return [...belowThousand(thousands, "en", false), "thousand", ...rest];
  const form = pluralOfThousand(thousands);
  // A bare thousand is said without «одна».
  const count = thousands === 1 ? [] : belowThousand(thousands, "ru", true);
  return [...count, `thousand-${form}`, ...rest];
}

function belowThousand(number: number, language: VoiceLanguage, feminine: boolean): string[] {
  const clips: string[] = [];
  const hundreds = Math.floor(number / 100);
  if (hundreds > 0)
    clips.push(...(language === "ru" ? [String(hundreds * 100)] : [String(hundreds), "hundred"]));
  let rest = number % 100;
  if (rest >= 20) {
    clips.push(String(rest - (rest % 10)));
    rest %= 10;
  }
  if (rest > 0) clips.push(feminine && rest <= 2 ? `${rest}f` : String(rest));
  return clips;
}

function pluralOfThousand(count: number): "one" | "few" | "many" {
  const lastTwo = count % 100;
  if (lastTwo >= 11 && lastTwo <= 14) return "many";
  const last = count % 10;
  return last === 1 ? "one" : last >= 2 && last <= 4 ? "few" : "many";
}

/** Every clip of the pack in one language, to be loaded ahead of the first call. */
export function everyClip(language: VoiceLanguage): string[] {
  const places = ["window", "room"].flatMap(place => [
    place,
    `go-${place}`,
    `again-${place}`,
    `expected-${place}`,
  ]);
  const letters = [..."АВЕКМНРСТУХ"].map(letterClip);
  const small = Array.from({ length: 20 }, (_, number) => String(number));
  const tens = [2, 3, 4, 5, 6, 7, 8, 9].map(ten => String(ten * 10));
  const hundreds = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(hundred => String(hundred * 100));
  const large =
    language === "ru"
      ? [...hundreds, "1f", "2f", "thousand-one", "thousand-few", "thousand-many"]
      : ["hundred", "thousand"];
  return ["chime", "ticket", "again", "thanks", ...places, ...letters, ...small, ...tens, ...large];
}
