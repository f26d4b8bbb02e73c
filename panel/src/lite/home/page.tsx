import { useEffect, useState } from "preact/hooks";
import { ask } from "../../shared/http";
import { type LocalText, named, t } from "../../shared/i18n/text";
import type { DayState } from "../board-feed";
import { openDevice } from "../device";
import { useLanguage } from "../hooks";
import { Icon } from "../icons";
import { Languages } from "../languages";
import { type Demo, DemoPanel } from "./demo";

interface BranchLine {
  code: string;
  name: LocalText;
  address: string | null;
  state: DayState;
  waiting: number;
}

type Load = { kind: "loading" } | { kind: "failed" } | { kind: "ready"; branches: BranchLine[] };

const states = {
  NOT_OPENED: "day.not-opened",
  OPEN: "day.open",
  INTAKE_PAUSED: "day.intake-paused",
  CLOSED: "day.closed",
} as const;

/** The front door: the branches with their kiosk and board, and in a demo the sign-ins. */
export function HomePage() {
  useLanguage();
  const [load, setLoad] = useState<Load>({ kind: "loading" });
  const [demo, setDemo] = useState<Demo | null>(null);
  const refresh = () =>
    void ask<BranchLine[]>("/api/v1/branches").then(answer => {
      if (answer.ok === true) setLoad({ kind: "ready", branches: answer.body });
      else setLoad(last => (last.kind === "ready" ? last : { kind: "failed" }));
    });

  useEffect(() => {
    refresh();
    void ask<Demo>("/demo").then(answer => answer.ok === true && setDemo(answer.body));
    const timer = setInterval(refresh, 10_000);
    return () => clearInterval(timer);
  }, []);
  document.title = t("home.title");

  return (
    <div class="sheet wide">
      <header class="brand">
        <img src="/icon.svg" alt="" width="44" height="44" />
        <span>{t("app.name")}</span>
        <Languages />
      </header>
      <main>
        <h1>{t("home.lead")}</h1>
        {load.kind === "failed" && (
          <div class="empty" role="alert">
            <p>{t("home.failed")}</p>
            <button type="button" class="main" onClick={refresh}>
              {t("app.retry")}
            </button>
          </div>
        )}
        {load.kind === "ready" && load.branches.length === 0 && <p class="empty">{t("home.empty")}</p>}
        {load.kind === "loading" && <div class="skeleton" />}
        {load.kind === "ready" && (
          <ul class="branches">
            {load.branches.map(branch => (
              <BranchCard key={branch.code} branch={branch} demo={demo !== null} />
            ))}
          </ul>
        )}
        {demo && <DemoPanel demo={demo} />}
      </main>
      <footer class="staff-link">
        <a href="/login">{t("home.staff")}</a>
      </footer>
    </div>
  );
}

function BranchCard({ branch, demo }: { branch: BranchLine; demo: boolean }) {
  return (
    <li class="branch">
      <div class="about">
        <h2>{named(branch.name)}</h2>
        {branch.address && <p class="address">{branch.address}</p>}
        <p class="state">
          <span class={branch.state === "OPEN" ? "dot open" : "dot"} />
          {t(states[branch.state])}
          {branch.state === "OPEN" && (
            <span class="load">{t("home.waiting", { count: branch.waiting })}</span>
          )}
        </p>
      </div>
      <DoorLink kind="kiosk" branch={branch.code} demo={demo} />
      <DoorLink kind="board" branch={branch.code} demo={demo} />
    </li>
  );
}

function DoorLink({ kind, branch, demo }: { kind: "kiosk" | "board"; branch: string; demo: boolean }) {
  const href = `/${kind}/${branch}${demo && kind === "kiosk" ? "?print=off" : ""}`;
  const open = (event: MouseEvent) => {
    if (!demo) return;
    // In a demo the browser becomes the device on the way, so that nobody has to type a code.
    event.preventDefault();
    void openDevice(kind, branch, href);
  };
  return (
    <a class="door" href={href} onClick={open}>
      <Icon name={kind === "kiosk" ? "ticket" : "board"} />
      <span>
        <b>{t(kind === "kiosk" ? "home.kiosk" : "home.board")}</b>
        {t(kind === "kiosk" ? "home.kiosk-hint" : "home.board-hint")}
      </span>
    </a>
  );
}
