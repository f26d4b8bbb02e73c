import { useState } from "react";
import type { Preferences } from "./dialogs/window-dialogs";

const key = "talon.operator";
const usual: Preferences = { keys: true, sound: false, compact: false };

/** What an operator likes, kept on this device. */
export function usePreferences(): [Preferences, (next: Preferences) => void] {
  const [preferences, setPreferences] = useState<Preferences>(() => {
    try {
      return { ...usual, ...JSON.parse(localStorage.getItem(key) ?? "{}") };
    } catch {
      return usual;
    }
  });
  const change = (next: Preferences) => {
    setPreferences(next);
    localStorage.setItem(key, JSON.stringify(next));
  };
  return [preferences, change];
}
