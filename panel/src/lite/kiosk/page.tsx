import { useEffect, useReducer, useRef } from "preact/hooks";
import { type Language, language, setLanguage, t } from "../../shared/i18n/text";
import type { Board, Catalogue } from "../board-feed";
import { reloadWhenServed, startHeartbeat } from "../heartbeat";
import { useLanguage, useNow } from "../hooks";
import type { Link } from "../live";
import { useKioskFeed } from "./feed";
import { Header } from "./header";
import { useIdle } from "./idle";
import { type Intent, issue, newIntent } from "./issue";
import { HelpScreen, IdleQuestion, Notice, opening } from "./notice";
import { ReasonsScreen } from "./reasons";
import { type Privilege, start, step } from "./screen";
import { ServicesScreen } from "./services";
import { settings } from "./settings";
import { TicketScreen } from "./ticket";

/** The screen where a visitor chooses a service and takes a ticket. */
export function KioskPage({ branch }: { branch: string }) {
  useLanguage();
  const [state, dispatch] = useReducer(step, start);
  const home = useRef<Language>("ru");
  const restart = () => {
    setLanguage(home.current);
    dispatch({ do: "start" });
  };
  const { catalogue, board, link, unknown, clock } = useKioskFeed(branch, () => void reloadWhenServed());
  const now = useNow(() => clock.now(), 1000);
  const { screen, privilege, large } = state;
  const untouched =
    screen.kind === "services" && !screen.group && !privilege && !large && language() === home.current;
  const watched = !untouched && screen.kind !== "issuing" && screen.kind !== "ticket";
  const left = useIdle(watched, settings.idleSeconds, settings.countdownSeconds, restart);
  const underWay = useRef(false);
  const lastIssue = useRef(0);

  useEffect(() => void startHeartbeat(() => "ok"), []);
  useEffect(() => {
    // The first language of the branch is the one an untouched kiosk speaks.
    home.current = catalogue?.languages[0] === "en" ? "en" : "ru";
    if (catalogue && home.current !== language()) setLanguage(home.current);
  }, [catalogue?.code]);
  useEffect(() => {
    document.documentElement.classList.toggle("large", large);
  }, [large]);
  document.title = t("kiosk.title");

  const request = (intent: Intent) => {
    // Two taps may come before the screen is drawn again, so the state alone cannot tell.
    if (underWay.current) return;
    underWay.current = true;
    dispatch({ do: "issue", intent });
    void issue(branch, intent).then(answer => {
      underWay.current = false;
      lastIssue.current = Date.now();
      if (answer.ok === true) dispatch({ do: "issued", intent, ticket: answer.body });
      else
        dispatch({ do: "refused", intent, code: answer.ok === false ? answer.problem.code : "UNREACHABLE" });
    });
  };
  const choose = (service: string) => {
    // A hand that has just got a ticket often taps once more.
    if (screen.kind !== "services" || Date.now() - lastIssue.current < 1000) return;
    request(newIntent({ service, ...wishOf(privilege), language: language() }));
  };

  if (unknown) return <Notice title={t("kiosk.unknown")} hint={t("kiosk.unknown-hint")} />;
  if (!catalogue) return link === "offline" ? offlineNotice() : <Notice title={t("app.loading")} quiet />;

  const barrier = screen.kind === "ticket" ? null : barrierOf(board, catalogue, link, now);
  return (
    <div class="kiosk">
      <Header
        catalogue={catalogue}
        now={now}
        large={large}
        onLarge={() => dispatch({ do: "large", large: !large })}
        onHelp={() => dispatch({ do: "help" })}
      />
      <main>
        {barrier}
        {!barrier && screen.kind === "services" && (
          <ServicesScreen
            catalogue={catalogue}
            board={board}
            group={screen.group}
            privilege={privilege}
            large={large}
            onGroup={group => dispatch({ do: "group", group })}
            onService={choose}
            onPriority={() => dispatch({ do: "reasons" })}
            onPriorityOff={() => dispatch({ do: "privilege", privilege: null })}
          />
        )}
        {!barrier && screen.kind === "reasons" && (
          <ReasonsScreen
            catalogue={catalogue}
            onReason={chosen => dispatch({ do: "privilege", privilege: chosen })}
            onBack={() => dispatch({ do: "group", group: null })}
          />
        )}
        {!barrier && screen.kind === "help" && (
          <HelpScreen onBack={() => dispatch({ do: "group", group: null })} />
        )}
        {!barrier && screen.kind === "issuing" && <Notice title={t("kiosk.issuing")} quiet />}
        {!barrier && screen.kind === "refused" && (
          <Refusal code={screen.code} onRetry={() => request(screen.intent)} onStart={restart} />
        )}
        {screen.kind === "ticket" && (
          <TicketScreen
            ticket={screen.ticket}
            intent={screen.intent}
            catalogue={catalogue}
            onDone={restart}
          />
        )}
      </main>
      {left !== null && <IdleQuestion seconds={left} />}
    </div>
  );
}

function wishOf(privilege: Privilege | null): Pick<Intent, "classCode" | "reasonCode"> {
  return privilege ?? { classCode: "standard", reasonCode: null };
}

function barrierOf(board: Board | null, catalogue: Catalogue, link: Link, now: number) {
  if (link === "offline") return offlineNotice();
  switch (board?.state) {
    case "CLOSED":
      return (
        <Notice title={t("kiosk.closed")} hint={opening(catalogue.nextOpening, now, catalogue.timeZone)} />
      );
    case "NOT_OPENED":
      return (
        <Notice
          title={t("kiosk.closed-yet")}
          hint={opening(catalogue.nextOpening, now, catalogue.timeZone)}
        />
      );
    case "INTAKE_PAUSED":
      return <Notice title={t("kiosk.paused")} hint={t("kiosk.paused-hint")} />;
    default:
      return null;
  }
}

function offlineNotice() {
  return <Notice title={t("kiosk.offline")} hint={t("kiosk.offline-hint")} />;
}

function Refusal({ code, onRetry, onStart }: { code: string; onRetry: () => void; onStart: () => void }) {
  const toStart = { label: t("kiosk.to-start"), onPress: onStart };
  if (code === "QUOTA_REACHED")
    return <Notice title={t("kiosk.quota")} hint={t("kiosk.quota-hint")} actions={[toStart]} />;
  if (code === "SERVICE_NOT_OFFERED" || code === "UNKNOWN_SERVICE")
    return <Notice title={t("kiosk.not-offered")} hint={t("kiosk.not-offered-hint")} actions={[toStart]} />;
  if (code === "INTAKE_PAUSED" || code === "DAY_CLOSED")
    return <Notice title={t("kiosk.paused")} hint={t("kiosk.paused-hint")} actions={[toStart]} />;
  const retry = { label: t("app.retry"), onPress: onRetry, main: true };
  return (
    <Notice title={t("kiosk.failed")} hint={t("kiosk.failed-hint")} code={code} actions={[retry, toStart]} />
  );
}
