import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { onLanguage } from "../shared/i18n/text";

/** Draws the component again when the language changes. */
export function useLanguage(): void {
  const [, redraw] = useReducer<number, void>(count => count + 1, 0);
  useEffect(() => onLanguage(() => redraw()), []);
}

/** The time now, renewed every `everyMs`. */
export function useNow(read: () => number, everyMs: number): number {
  const [now, setNow] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setNow(read()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Whether the screen is higher than wide, also after it was turned. */
export function useTall(): boolean {
  const query = useRef(matchMedia("(orientation: portrait)")).current;
  const [tall, setTall] = useState(query.matches);
  useEffect(() => {
    const change = () => setTall(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, []);
  return tall;
}
