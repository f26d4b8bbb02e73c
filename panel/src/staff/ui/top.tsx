import { Link } from "@tanstack/react-router";
import { t } from "../../shared/i18n/text";
import { paths } from "../paths";
import { session, useSession } from "../session/session";
import { Icon } from "./icons";
import { Languages } from "./language";
import { SchemeButton } from "./scheme";

/** The bar above every page that has room for one: where one is, the language, oneself and the way out. */
export function Top({ title }: { title: string }) {
  const state = useSession();
  return (
    <header className="top">
      <a href={paths.home}>
        <img src="/icon.svg" alt={t("shell.home")} width="36" height="36" />
        <b>{title}</b>
      </a>
      <Languages />
      <SchemeButton />
      {state.kind === "in" && (
        <>
          <Link to={paths.account} className="tool" title={t("shell.account")}>
            <Icon name="person" />
            <span>{state.me.name ?? t("shell.account")}</span>
          </Link>
          <button type="button" className="tool" onClick={() => void session.signOut()}>
            <Icon name="leave" />
            <span>{t("shell.sign-out")}</span>
          </button>
        </>
      )}
    </header>
  );
}
