import { useEffect, useState } from "preact/hooks";
import { type LocalText, language, named, t } from "../../shared/i18n/text";
import { shownNumber } from "../../shared/number";
import { clockTime, clockTimeSeconds } from "../../shared/time";
import { useLanguage } from "../hooks";
import { keep, kept } from "../kept";
import { Languages } from "../languages";
import { follow, type Link } from "../live";
import { type Quote, quoteRange } from "../quote";

interface TicketView {
  position: string;
  number: string;
  state: string;
  branch: string;
  branchName: LocalText;
  service: LocalText;
  windowLabel: string | null;
  ahead: number | null;
  quote: Quote | null;
  issuedAt: string;
  calledAt: string | null;
  endedAt: string | null;
}

interface Seen {
  ticket: TicketView;
  at: number;
}

/** One ticket on its holder's phone, followed live; the last state stays when the network goes. */
export function TicketPage() {
  useLanguage();
  const token = decodeURIComponent(location.pathname.split("/")[2] ?? "");
  const key = `ticket.${token.slice(0, 24)}`;
  const [seen, setSeen] = useState<Seen | null>(() => kept<Seen>(key, 24 * 3600_000));
  const [link, setLink] = useState<Link>("connecting");
  const [unknown, setUnknown] = useState(false);

  useEffect(
    () =>
      follow<TicketView>({
        url: `/live/ticket/${encodeURIComponent(token)}`,
        event: "ticket",
        offlineAfterMs: 5_000,
        onLink: setLink,
        onRefused: () => setUnknown(true),
        onMessage: ticket => {
          const next = { ticket, at: Date.now() };
          keep(key, next);
          setSeen(last => {
            if (ticket.state === "CALLED" && last?.ticket.state !== "CALLED")
              navigator.vibrate?.([300, 150, 300]);
            return next;
          });
        },
      }),
    [token],
  );

  if (unknown) return <Plain title={t("ticket.unknown")} hint={t("ticket.unknown-hint")} />;
  if (!seen) return <Plain title={t("app.loading")} />;
  const { ticket, at } = seen;
  const number = shownNumber(ticket.number, language());
  const called = ticket.state === "CALLED";
  document.title =
    called && ticket.windowLabel ? `► ${number} → ${ticket.windowLabel}` : t("ticket.title", { number });
  return (
    <div class={called ? "sheet phone called" : "sheet phone"}>
      {link === "offline" && (
        <p class="offline-bar" role="status">
          {t("offline.bar", { time: clockTimeSeconds(at, language()) })}
        </p>
      )}
      <main>
        <p class="where">{named(ticket.branchName)}</p>
        <p class="number">{number}</p>
        <p class="service">{named(ticket.service)}</p>
        <div aria-live="polite">
          <StateOf ticket={ticket} />
        </div>
        <p class="soft">{t("ticket.issued", { time: clockTime(ticket.issuedAt, language()) })}</p>
      </main>
      <Languages />
    </div>
  );
}

function StateOf({ ticket }: { ticket: TicketView }) {
  switch (ticket.state) {
    case "WAITING":
    case "EXPECTED":
      return (
        <section class="now">
          <h1>{t("ticket.waiting")}</h1>
          {ticket.ahead !== null && <p class="figure">{t("ticket.ahead", { count: ticket.ahead })}</p>}
          {ticket.quote && ticket.ahead !== 0 && (
            <p class="figure soft">{t("ticket.about", { range: quoteRange(ticket.quote) })}</p>
          )}
          <p class="soft">{t("ticket.keep-open")}</p>
        </section>
      );
    case "CALLED":
      return (
        <section class="now">
          <h1>{t("ticket.called")}</h1>
          <p>{t("ticket.go")}</p>
          <p class="window">{ticket.windowLabel}</p>
        </section>
      );
    case "SERVING":
      return (
        <section class="now">
          <h1>{t("ticket.serving")}</h1>
          {ticket.windowLabel && <p>{t("ticket.window", { window: ticket.windowLabel })}</p>}
        </section>
      );
    case "PARKED":
      return <Now title={t("ticket.parked")} hint={t("ticket.parked-hint")} />;
    case "NO_SHOW":
      return <Now title={t("ticket.no-show")} hint={t("ticket.no-show-hint")} />;
    default:
      return <Now title={t("ticket.ended")} hint={t("ticket.ended-hint")} />;
  }
}

function Now({ title, hint }: { title: string; hint: string }) {
  return (
    <section class="now">
      <h1>{title}</h1>
      <p>{hint}</p>
    </section>
  );
}

function Plain({ title, hint }: { title: string; hint?: string }) {
  return (
    <div class="sheet phone">
      <main>
        <Now title={title} hint={hint ?? ""} />
      </main>
      <Languages />
    </div>
  );
}
