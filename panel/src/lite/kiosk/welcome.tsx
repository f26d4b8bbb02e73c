import { language, t } from "../../shared/i18n/text";
import { calendarDay, clockTime } from "../../shared/time";
import type { Board, Catalogue } from "../board-feed";

interface Props {
  catalogue: Catalogue;
  board: Board | null;
  now: number;
}

/** The upper part of a tall screen, out of reach of many hands: what is good to know before choosing. */
export function Welcome({ catalogue, board, now }: Props) {
  const { timeZone, opensAt, closesAt } = catalogue;
  const aroundTheClock = Date.parse(closesAt ?? "") - Date.parse(opensAt ?? "") >= 86_400_000;
  const facts = [
    closesAt && !aroundTheClock && t("kiosk.open-until", { time: clockTime(closesAt, language(), timeZone) }),
    board && t("kiosk.in-hall", { count: board.waiting }),
  ].filter(Boolean);
  return (
    <div class="welcome">
      <p class="hour">{clockTime(now, language(), timeZone)}</p>
      <div>
        <p class="day">{calendarDay(now, language(), timeZone)}</p>
        <p class="facts">{facts.join(" · ")}</p>
      </div>
    </div>
  );
}
