import { Button } from "@mantine/core";
import { t } from "../../../shared/i18n/text";
import { usefulMinutes } from "../../../shared/time";
import { paths } from "../../paths";
import { session } from "../../session/session";
import { SchemeButton } from "../../ui/scheme";
import type { Ability, Act } from "./abilities";
import { inState } from "./queue";
import type { WindowView } from "./types";
import type { Work } from "./work";

interface Props {
  me: { name?: string | null };
  work: Work;
  window: WindowView;
  online: boolean;
  able: Record<Act, Ability>;
  onOpen: (kind: "break" | "services" | "leave" | "help") => void;
}

export function TopBar({ me, work, window, online, able, onOpen }: Props) {
  const waiting = inState(work.queue, "WAITING").length;
  const quote = work.branch.day?.quote;
  return (
    <header className="bar">
      <a className="home" href={paths.home}>
        <img src="/icon.svg" alt={t("shell.home")} width="36" height="36" />
      </a>
      <b className="window">{t("bar.window", { label: window.label })}</b>
      <span className="name">{me.name}</span>
      <span className={online ? "link" : "link off"}>{online && t("bar.online")}</span>
      <span className="waiting">
        {t("bar.waiting", { count: waiting })}
        {quote && waiting > 0 && ` · ${t("bar.up-to", { minutes: usefulMinutes(quote.p80Seconds) })}`}
      </span>
      <nav>
        {able.break.kind === "can" && (
          <Button variant="subtle" onClick={() => onOpen("break")}>
            {t("bar.break")}
          </Button>
        )}
        <Button variant="subtle" onClick={() => onOpen("services")}>
          {t("bar.services")}
        </Button>
        <Button
          variant="subtle"
          disabled={able.leave.kind !== "can"}
          title={able.leave.kind === "not-yet" ? t(able.leave.why) : undefined}
          onClick={() => onOpen("leave")}
        >
          {t("bar.leave")}
        </Button>
        <Button variant="subtle" onClick={() => onOpen("help")}>
          {t("bar.help")} <kbd>F1</kbd>
        </Button>
        <SchemeButton />
        <Button variant="subtle" onClick={() => void session.signOut()}>
          {t("shell.sign-out")}
        </Button>
      </nav>
    </header>
  );
}
