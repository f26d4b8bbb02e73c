import { useEffect, useRef, useState } from "preact/hooks";
import { t, textIn } from "../../shared/i18n/text";
import { shownNumber } from "../../shared/number";
import type { Board } from "../board-feed";
import { reloadWhenServed, startHeartbeat } from "../heartbeat";
import { useNow } from "../hooks";
import { useBoardFeed } from "./feed";
import { rowsToShow, type ShownRow } from "./rows";
import { SidePanel } from "./side";
import { Ticker } from "./ticker";
import { Voice } from "./voice";

/** The board of a hall: who is called where, read from ten metres and heard once. */
export function BoardPage({ branch }: { branch: string }) {
  const [sound, setSound] = useState<"unknown" | "ok" | "blocked">("unknown");
  const voice = useRef<Voice | null>(null);
  voice.current ??= new Voice(allowed => setSound(allowed ? "ok" : "blocked"));
  const { feed, link, clock, catalogue } = useBoardFeed({
    branch,
    onBoard: (board, catalogue, now) => {
      voice.current?.start(catalogue?.languages ?? ["ru"]);
      voice.current?.offer(board, now);
    },
    onReload: () => void reloadWhenServed(),
  });
  const now = useNow(() => clock.now(), 1000);

  useEffect(() => {
    void startHeartbeat(() => (voice.current?.allowed ? "ok" : "blocked"));
    const touch = () => voice.current?.unlock();
    addEventListener("pointerdown", touch);
    addEventListener("keydown", touch);
    return () => {
      removeEventListener("pointerdown", touch);
      removeEventListener("keydown", touch);
    };
  }, []);

  if (feed.kind === "unknown") return <p class="whole">{t("board.unknown")}</p>;
  if (feed.kind === "waiting")
    return <p class="whole">{t(link === "offline" ? "board.offline" : "board.connecting")}</p>;
  const { board } = feed;
  document.title = t("board.title", { branch: board.name.ru });
  const english = catalogue?.languages.includes("en") ?? false;
  return (
    <main class="board">
      <Calls board={board} rows={rowsToShow(board, now, link === "offline")} english={english} />
      <SidePanel board={board} now={now} timeZone={catalogue?.timeZone} english={english} />
      <footer class="foot">
        {link === "offline" ? (
          <p class="offline" role="status">
            {t("board.offline")}
            {english && <span> · {textIn("en", "board.offline")}</span>}
          </p>
        ) : (
          <Ticker text={catalogue?.ticker ?? null} english={english} />
        )}
      </footer>
      {sound === "blocked" && (
        <button type="button" class="sound" onClick={() => voice.current?.unlock()}>
          {t("board.sound")}
          <small>{textIn("en", "board.sound")}</small>
        </button>
      )}
    </main>
  );
}

function Calls({ board, rows, english }: { board: Board; rows: ShownRow[]; english: boolean }) {
  if (rows.length === 0) return <Nobody board={board} english={english} />;
  return (
    <table class="calls">
      <thead>
        <tr>
          <Heading id="board.ticket" english={english} />
          <Heading id="board.window" english={english} />
        </tr>
      </thead>
      <tbody aria-live="polite">
        {rows.map(row => (
          <tr key={row.ticketId} class={row.pulsing ? "fresh pulsing" : row.fresh ? "fresh" : ""}>
            <td class="number">
              {shownNumber(row.number, "ru")}
              {row.fresh && <span class="word">{t("board.call")}</span>}
            </td>
            <td class={/^\d+$/.test(row.windowLabel) ? "window" : "window long"}>
              <span class="arrow" aria-hidden="true">
                ►
              </span>
              {row.windowLabel}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Heading({ id, english }: { id: "board.ticket" | "board.window"; english: boolean }) {
  return (
    <th scope="col">
      {t(id)}
      {english && <span lang="en">{textIn("en", id)}</span>}
    </th>
  );
}

const states = {
  NOT_OPENED: "board.not-opened",
  CLOSED: "board.closed",
  INTAKE_PAUSED: "board.intake-paused",
  OPEN: "board.empty",
} as const;

function Nobody({ board, english }: { board: Board; english: boolean }) {
  const id = states[board.state];
  return (
    <section class="nobody">
      <h1>{t(id)}</h1>
      {english && <p lang="en">{textIn("en", id)}</p>}
      {board.state === "OPEN" && <p class="hint">{t("board.empty-hint")}</p>}
    </section>
  );
}
