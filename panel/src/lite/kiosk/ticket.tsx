import { useEffect, useState } from "preact/hooks";
import { language, named, t } from "../../shared/i18n/text";
import { shownNumber } from "../../shared/number";
import { clockTime } from "../../shared/time";
import type { Catalogue } from "../board-feed";
import { quoteRange } from "../quote";
import type { Intent, IssuedTicket } from "./issue";
import { type PrintState, usePrint } from "./print";
import { settings } from "./settings";

interface Props {
  ticket: IssuedTicket;
  intent: Intent;
  catalogue: Catalogue;
  onDone: () => void;
}

/** The number first; the paper follows when it can. */
export function TicketScreen({ ticket, intent, catalogue, onDone }: Props) {
  const print = usePrint(settings.print);
  const left = useCountdown(settings.countdownSeconds, onDone);
  const service = catalogue.groups.flatMap(group => group.services).find(one => one.code === intent.service);
  const number = shownNumber(ticket.number, language());
  const name = service ? named(service.name) : "";
  return (
    <>
      <section class="ticket" role="status" data-number={ticket.number}>
        <h1>{t("kiosk.your-ticket")}</h1>
        <p class="big">{number}</p>
        <p class="service">{name}</p>
        {ticket.ahead !== null && <p class="ahead">{t("kiosk.ahead", { count: ticket.ahead })}</p>}
        {ticket.quote && ticket.ahead !== 0 && (
          <p class="about">{t("kiosk.about", { range: quoteRange(ticket.quote) })}</p>
        )}
        <div class="follow">
          {/* The server draws the code; nothing of it comes from people. */}
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: see above */}
          <div class="qr" dangerouslySetInnerHTML={{ __html: ticket.qr }} />
          <div>
            <p>{t("kiosk.watch")}</p>
            <p class="soft">{t("kiosk.qr")}</p>
          </div>
        </div>
        <PrintLine state={print} />
        <button type="button" class="main" onClick={onDone}>
          {t("kiosk.done", { seconds: left })}
        </button>
      </section>
      <Paper ticket={ticket} catalogue={catalogue} number={number} service={name} />
    </>
  );
}

function PrintLine({ state }: { state: PrintState }) {
  if (state === "off") return null;
  const ids = { printing: "kiosk.printing", printed: "kiosk.printed", broken: "kiosk.not-printed" } as const;
  return <p class={`print ${state}`}>{t(ids[state])}</p>;
}

interface PaperProps {
  ticket: IssuedTicket;
  catalogue: Catalogue;
  number: string;
  service: string;
}

/** What the 80 mm printer puts on paper; on the screen it is not drawn. */
function Paper({ ticket, catalogue, number, service }: PaperProps) {
  return (
    <article class="paper" aria-hidden="true">
      <p>{named(catalogue.name)}</p>
      <p class="paper-number">{number}</p>
      <p class="paper-service">{service}</p>
      {ticket.ahead !== null && <p>{t("kiosk.ahead", { count: ticket.ahead })}</p>}
      {ticket.quote && ticket.ahead !== 0 && <p>{t("kiosk.about", { range: quoteRange(ticket.quote) })}</p>}
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: drawn by the server */}
      <div class="paper-qr" dangerouslySetInnerHTML={{ __html: ticket.qr }} />
      <p>{t("kiosk.watch")}</p>
      <p class="paper-small">
        {new Date(ticket.issuedAt).toLocaleDateString(language() === "en" ? "en-GB" : "ru-RU", {
          timeZone: catalogue.timeZone,
        })}{" "}
        {clockTime(ticket.issuedAt, language(), catalogue.timeZone)} · {t("kiosk.print-kept")}
      </p>
    </article>
  );
}

// Any touch starts the count again: the person is still reading.
function useCountdown(seconds: number, onEnd: () => void): number {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    let end = Date.now() + seconds * 1000;
    const touch = () => {
      end = Date.now() + seconds * 1000;
      setLeft(seconds);
    };
    const timer = setInterval(() => {
      const rest = Math.ceil((end - Date.now()) / 1000);
      setLeft(Math.max(0, rest));
      if (rest <= 0) onEnd();
    }, 250);
    addEventListener("pointerdown", touch);
    addEventListener("keydown", touch);
    return () => {
      clearInterval(timer);
      removeEventListener("pointerdown", touch);
      removeEventListener("keydown", touch);
    };
  }, []);
  return left;
}
