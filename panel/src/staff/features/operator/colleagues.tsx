import { language, named, t } from "../../../shared/i18n/text";
import { shownNumber } from "../../../shared/number";
import { clockTime, stopwatch } from "../../../shared/time";
import { type Colleague, useColleagues } from "./colleagues-feed";
import type { BranchView, WindowView } from "./types";

interface Props {
  branch: BranchView;
  own: WindowView;
  /** Of the queue: a step at any window moves it. */
  position: string | undefined;
  now: number;
}

/** Who works at which window and with whom, so that a transfer finds the right place. */
export function Colleagues({ branch, own, position, now }: Props) {
  const windows = useColleagues(branch.code, position);
  if (!windows) return <div className="skeleton" role="status" aria-label={t("app.loading")} />;
  return (
    <ul className="colleagues">
      {windows.map(window => (
        <li key={window.code} aria-current={window.code === own.code || undefined}>
          <b className="label">{window.label}</b>
          <div>
            <p>{window.operator?.name ?? <span className="dim">{t("colleague.nobody")}</span>}</p>
            <p className="dim">{doing(branch, window)}</p>
          </div>
          <Since window={window} now={now} norm={normOf(branch, window)} />
        </li>
      ))}
    </ul>
  );
}

function Since({ window, now, norm }: { window: Colleague; now: number; norm: number | null }) {
  const since = window.ticket?.startedAt ?? window.ticket?.calledAt;
  if (!since) return null;
  const spent = now - Date.parse(since);
  const over = window.state === "SERVING" && norm !== null && spent / 1000 > norm;
  return (
    <p className={over ? "figure over" : "figure"}>
      {stopwatch(spent)}
      {over && <small> {t("current.over-norm")}</small>}
    </p>
  );
}

function normOf(branch: BranchView, window: Colleague): number | null {
  return branch.services.find(one => one.code === window.ticket?.current)?.normSeconds ?? null;
}

/** The state of a window in words, with the ticket or the reason of the break. */
function doing(branch: BranchView, window: Colleague): string {
  const number = window.ticket ? shownNumber(window.ticket.number, language()) : "";
  switch (window.state) {
    case "CALLING":
      return `${t("state.called")} ${number}`;
    case "SERVING": {
      const service = branch.services.find(one => one.code === window.ticket?.current);
      return [`${t("state.serving")} ${number}`, service && named(service.name)].filter(Boolean).join(" · ");
    }
    case "PAUSED": {
      const reason = branch.breakReasons.find(one => one.code === window.pauseReason);
      const until =
        window.pausedUntil &&
        t("current.break-until", { time: clockTime(window.pausedUntil, language(), branch.timeZone) });
      return [reason ? named(reason.name) : t("state.paused"), until].filter(Boolean).join(" ");
    }
    case "FREE":
      return t("state.free");
    default:
      return t("colleague.closed");
  }
}
