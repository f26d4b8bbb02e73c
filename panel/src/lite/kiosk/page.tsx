import { useEffect, useReducer, useRef } from "preact/hooks";
import { type Language, language, setLanguage, t } from "../../shared/i18n/text";
import type { Board, Catalogue } from "../board-feed";
import { reloadWhenServed, startHeartbeat } from "../heartbeat";
import { useLanguage, useNow, useTall } from "../hooks";
import type { Link } from "../live";
import { useKioskFeed } from "./feed";
import { useFocusOnHeading, useFocusOnLarge } from "./focus";
import { Place, Tools } from "./header";
import { useIdle } from "./idle";
import { type Intent, issue, newIntent } from "./issue";
import { HelpScreen, IdleQuestion, Notice, opening } from "./notice";
import { ReasonsScreen } from "./reasons";
import { type Privilege, start, step } from "./screen";
import { ServicesScreen } from "./services";
import { settings } from "./settings";
import { TicketScreen } from "./ticket";

// For so long a service just taken is not given again to the same hand.
const lockMs = 3000;

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
  const fresh = screen.kind === "services" && !screen.group && !privilege && !large;
  const untouched = fresh && language() === home.current;
  // Only a tall screen has parts that are out of reach.
  const low = useTall() && large;
  const watched = !untouched && screen.kind !== "issuing" && screen.kind !== "ticket";
  const left = useIdle(watched, settings.idleSeconds, settings.countdownSeconds, restart);
  const underWay = useRef(false);
  const lastIssue = useRef({ service: "", at: 0 });
  const sinceIssue = () => Date.now() - lastIssue.current.at;

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
  useFocusOnHeading(screen.kind === "services" ? `services ${screen.group}` : screen.kind);
  useFocusOnLarge(large);

  const request = (intent: Intent) => {
    // Two taps may come before the screen is drawn again, so the state alone cannot tell.
    if (underWay.current) return;
    underWay.current = true;
    dispatch({ do: "issue", intent });
    void issue(branch, intent).then(answer => {
      underWay.current = false;
      if (answer.ok === true) {
        lastIssue.current = { service: intent.service, at: Date.now() };
        return dispatch({ do: "issued", intent, ticket: answer.body });
      }
      const code = answer.ok === false ? answer.problem.code : "UNREACHABLE";
      dispatch({ do: "refused", intent, code });
    });
  };
  const choose = (service: string) => {
    // A hand that has just got a ticket often taps once more.
    const again = service === lastIssue.current.service;
    if (screen.kind !== "services" || sinceIssue() < (again ? lockMs : 1000)) return;
    request(newIntent({ service, ...wishOf(privilege), language: language() }));
  };

  if (unknown) return <Notice picture="signpost" title={t("kiosk.unknown")} hint={t("kiosk.unknown-hint")} />;
  if (!catalogue) return link === "offline" ? offlineNotice() : <Notice title={t("app.loading")} quiet />;

  const tools = (
    <Tools
      large={large}
      onLarge={() => dispatch({ do: "large", large: !large })}
      onHelp={() => dispatch({ do: "help" })}
    />
  );
  const barrier = screen.kind === "ticket" ? null : barrierOf(board, catalogue, link, now);
  return (
    <div class={fresh ? "kiosk fresh" : "kiosk"}>
      <header class="top">
        <Place catalogue={catalogue} now={now} />
        {!low && tools}
      </header>
      <main>
        {barrier}
        {!barrier && screen.kind === "services" && (
          <ServicesScreen
            catalogue={catalogue}
            board={board}
            group={screen.group}
            privilege={privilege}
            large={large}
            now={now}
            locked={sinceIssue() < lockMs ? lastIssue.current.service : null}
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
      {low && <footer class="top low">{tools}</footer>}
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
        <Notice
          picture="closed"
          title={t("kiosk.closed")}
          hint={opening(catalogue.nextOpening, now, catalogue.timeZone)}
        />
      );
    case "NOT_OPENED":
      return (
        <Notice
          picture="closed"
          title={t("kiosk.closed-yet")}
          hint={opening(catalogue.nextOpening, now, catalogue.timeZone)}
        />
      );
    case "INTAKE_PAUSED":
      return <Notice picture="pause" title={t("kiosk.paused")} hint={t("kiosk.paused-hint")} />;
    default:
      return null;
  }
}

function offlineNotice() {
  return <Notice picture="unplugged" title={t("kiosk.offline")} hint={t("kiosk.offline-hint")} />;
}

function Refusal({ code, onRetry, onStart }: { code: string; onRetry: () => void; onStart: () => void }) {
  const toStart = { label: t("kiosk.to-start"), onPress: onStart };
  if (code === "QUOTA_REACHED")
    return (
      <Notice picture="soldOut" title={t("kiosk.quota")} hint={t("kiosk.quota-hint")} actions={[toStart]} />
    );
  if (code === "SERVICE_NOT_OFFERED" || code === "UNKNOWN_SERVICE")
    return (
      <Notice
        picture="signpost"
        title={t("kiosk.not-offered")}
        hint={t("kiosk.not-offered-hint")}
        actions={[toStart]}
      />
    );
  if (code === "INTAKE_PAUSED" || code === "DAY_CLOSED")
    return (
      <Notice picture="pause" title={t("kiosk.paused")} hint={t("kiosk.paused-hint")} actions={[toStart]} />
    );
  const retry = { label: t("app.retry"), onPress: onRetry, main: true };
  return (
    <Notice
      picture="torn"
      title={t("kiosk.failed")}
      hint={t("kiosk.failed-hint")}
      code={code}
      actions={[retry, toStart]}
    />
  );
}
