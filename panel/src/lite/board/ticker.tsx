import { useEffect, useRef, useState } from "preact/hooks";
import type { LocalText } from "../../shared/i18n/text";

interface Props {
  text: LocalText | null;
  english: boolean;
}

const turnMs = 20_000;

/** The line at the bottom. It stands still when it fits and runs slowly, without blinking, when it does not. */
export function Ticker({ text, english }: Props) {
  const line = useRef<HTMLParagraphElement>(null);
  const [turn, setTurn] = useState<"ru" | "en">("ru");
  const [running, setRunning] = useState(false);
  const shown = text ? text[turn] || text.ru : "";

  useEffect(() => {
    if (!english) return;
    const timer = setInterval(() => setTurn(last => (last === "ru" ? "en" : "ru")), turnMs);
    return () => clearInterval(timer);
  }, [english]);
  useEffect(() => {
    const box = line.current;
    if (box) setRunning(box.scrollWidth > box.clientWidth + 2);
  }, [shown]);

  return (
    <p ref={line} class={running ? "ticker running" : "ticker"} lang={turn}>
      <span>{shown}</span>
    </p>
  );
}
