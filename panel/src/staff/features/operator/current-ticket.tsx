import { Button } from "@mantine/core";
import type { RefObject } from "react";
import { language, named, type TextId, t } from "../../../shared/i18n/text";
import { shownNumber } from "../../../shared/number";
import { clockTime, stopwatch } from "../../../shared/time";
import { Picture } from "../../ui/picture";
import type { Ability, Act } from "./abilities";
import { ActButton, MoreMenu } from "./act-button";
import { inState } from "./queue";
import type { TicketView, WindowView } from "./types";
import { VisitPanel } from "./visit-panel";
import type { Work } from "./work";

interface Props {
  work: Work;
  window: WindowView;
  able: Record<Act, Ability>;
  now: number;
  main: RefObject<HTMLButtonElement | null>;
  more: boolean;
  onMore: (open: boolean) => void;
  press: (act: Act) => void;
}

/** The ticket at the window and the one main button, whose meaning follows the state. */
export function CurrentTicket(props: Props) {
  const { window, work, main } = props;
  if (window.state === "PAUSED") {
    const reason = work.branch.breakReasons.find(one => one.code === window.pauseReason);
    return (
      <section className="current idle">
        <p className="state">{t("state.paused")}</p>
        <h1>{reason ? named(reason.name) : t("state.paused")}</h1>
        {window.pausedUntil && (
          <p className="dim">
            {t("current.break-until", {
              time: clockTime(window.pausedUntil, language(), work.branch.timeZone),
            })}
          </p>
        )}
        <Button ref={main} size="xl" fullWidth loading={work.busy} onClick={() => void work.acts.resume()}>
          {t("do.resume")}
        </Button>
      </section>
    );
  }
  return window.ticket ? <TicketAtWindow {...props} ticket={window.ticket} /> : <Free {...props} />;
}

function Free({ work, able, main, press }: Props) {
  const waiting = inState(work.queue, "WAITING").length;
  return (
    <section className="current idle">
      <p className="state">{t("state.free")}</p>
      <h1>{waiting > 0 ? t("current.ready", { count: waiting }) : t("current.nobody")}</h1>
      {waiting === 0 && (
        <>
          <Picture name="chairs" />
          <p className="dim">{t("current.nobody-hint")}</p>
        </>
      )}
      <ActButton act="callNext" able={able.callNext} hint="F2" main={main} busy={work.busy} press={press} />
    </section>
  );
}

function TicketAtWindow({ ticket, ...props }: Props & { ticket: TicketView }) {
  const { work, able, now, main, press, window } = props;
  const serving = window.state === "SERVING";
  const service = work.branch.services.find(one => one.code === ticket.current);
  const privilege = work.branch.classes.find(one => one.code === ticket.class && one.code !== "standard");
  return (
    <section className={serving ? "current serving" : "current called"}>
      <div className="head">
        <div>
          <p className="state">{t(serving ? "state.serving" : "state.called")}</p>
          <h1 data-ticket={ticket.id}>{shownNumber(ticket.number, language())}</h1>
        </div>
        <Timer ticket={ticket} serving={serving} now={now} normSeconds={service?.normSeconds ?? null} />
      </div>
      {serving && service && <Norm ticket={ticket} now={now} seconds={service.normSeconds} />}
      <p className="service">{service ? named(service.name) : ticket.current}</p>
      <ul className="facts">
        <li>
          {t("current.waited", {
            time: stopwatch(Date.parse(ticket.calledAt ?? "") - Date.parse(ticket.issuedAt)),
          })}
        </li>
        {!serving && <li>{t("current.attempt", { attempt: ticket.attempts })}</li>}
        {privilege && <li className="mark">{named(privilege.name)}</li>}
        {ticket.returns > 0 && <li className="mark">{t("current.returned")}</li>}
        <li>{t(channels[ticket.channel])}</li>
        {ticket.partySize > 1 && <li>{t("current.party", { count: ticket.partySize })}</li>}
        {ticket.language === "en" && <li className="mark">{t("current.english")}</li>}
      </ul>
      {serving ? (
        <div className="pair">
          <ActButton act="finish" able={able.finish} hint="F9" main={main} busy={work.busy} press={press} />
          <ActButton
            act="finishNext"
            able={able.finishNext}
            hint="Shift+F9"
            second
            busy={work.busy}
            press={press}
          />
        </div>
      ) : (
        <ActButton act="start" able={able.start} hint="F4" main={main} busy={work.busy} press={press} />
      )}
      <div className="others">
        <ActButton act="recall" able={able.recall} hint="F3" small press={press} />
        <ActButton act="noShow" able={able.noShow} hint="F6" small press={press} />
        <ActButton act="park" able={able.park} hint="F7" small press={press} />
        <ActButton act="transfer" able={able.transfer} hint="F8" small press={press} />
        <MoreMenu able={able} opened={props.more} onOpened={props.onMore} press={press} />
      </div>
      <VisitPanel work={work} ticket={ticket} serving={serving} />
    </section>
  );
}

/** How much of the usual time of the service has gone; the timer beside it says the same in figures. */
function Norm({ ticket, now, seconds }: { ticket: TicketView; now: number; seconds: number }) {
  const share = (now - Date.parse(ticket.startedAt ?? "")) / 1000 / seconds;
  const state = share >= 1 ? "norm over" : share >= 0.8 ? "norm near" : "norm";
  return (
    <svg className={state} viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="2" />
      <rect className="spent" width={100 * Math.min(1, Math.max(0, share))} height="2" />
    </svg>
  );
}

const channels = {
  KIOSK: "channel.kiosk",
  WEB: "channel.web",
  PHONE: "channel.phone",
  STAFF: "channel.staff",
  BOT: "channel.bot",
  BOOKING: "channel.booking",
  IMPORT: "channel.import",
} as const satisfies Record<TicketView["channel"], TextId>;

interface TimerProps {
  ticket: TicketView;
  serving: boolean;
  now: number;
  normSeconds: number | null;
}

function Timer({ ticket, serving, now, normSeconds }: TimerProps) {
  const since = Date.parse((serving ? ticket.startedAt : ticket.calledAt) ?? "");
  const spent = now - since;
  const share = serving && normSeconds ? spent / 1000 / normSeconds : 0;
  const over = share >= 1;
  return (
    <div className={over ? "timer over" : share >= 0.8 ? "timer near" : "timer"} role="timer">
      <b className="time">{stopwatch(spent)}</b>
      <span>{t(serving ? "current.in-service" : "current.since-call")}</span>
      {serving && normSeconds && (
        <span>
          {over ? t("current.over-norm") : t("current.norm", { minutes: Math.round(normSeconds / 60) })}
        </span>
      )}
    </div>
  );
}
