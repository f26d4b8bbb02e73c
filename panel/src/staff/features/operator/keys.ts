import { useEffect, useRef } from "react";
import type { Act } from "./abilities";

export type Key = Act | "help" | "more";

/** The keys of the workplace, as listed in the help. */
export const keys: { key: string; shift: boolean; act: Key }[] = [
  { key: "F1", shift: false, act: "help" },
  { key: "F2", shift: false, act: "callNext" },
  { key: "F3", shift: false, act: "recall" },
  { key: "F4", shift: false, act: "start" },
  { key: "F6", shift: false, act: "noShow" },
  { key: "F7", shift: false, act: "park" },
  { key: "F8", shift: false, act: "transfer" },
  { key: "F9", shift: false, act: "finish" },
  { key: "F9", shift: true, act: "finishNext" },
  { key: "F10", shift: false, act: "more" },
];

/** Listens for the F-keys while `on`; a dialog owns the keyboard and switches them off. */
export function useKeys(on: boolean, press: (act: Key) => void): void {
  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    if (!on) return;
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const found = keys.find(one => one.key === event.key && one.shift === event.shiftKey);
      if (!found) return;
      event.preventDefault();
      if (!event.repeat) latest.current(found.act);
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [on]);
}
