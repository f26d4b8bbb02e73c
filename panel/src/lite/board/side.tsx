import { t, textIn } from "../../shared/i18n/text";
import { calendarDay, clockTime, usefulMinutes } from "../../shared/time";
import type { Board } from "../board-feed";

interface Props {
  board: Board;
  now: number;
  timeZone: string | undefined;
  english: boolean;
}

/** The clock, how many wait and how long that usually takes. */
export function SidePanel({ board, now, timeZone, english }: Props) {
  const minutes = board.quote && board.waiting > 0 ? usefulMinutes(board.quote.p80Seconds) : null;
  return (
    <aside class="side">
      <header>
        <p class="time">{clockTime(now, "ru", timeZone)}</p>
        <p class="day">{calendarDay(now, "ru", timeZone)}</p>
      </header>
      <section class="waiting">
        <p class="count">{board.waiting}</p>
        <p>
          {t("board.waiting")}
          {english && <span lang="en">{textIn("en", "board.waiting")}</span>}
        </p>
        {minutes !== null && (
          <p class="usually">
            {t("board.usually", { count: minutes })}
            {english && <span lang="en">{textIn("en", "board.usually", { count: minutes })}</span>}
          </p>
        )}
      </section>
      <p class="place">{board.name.ru}</p>
    </aside>
  );
}
