import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { t } from "../../shared/i18n/text";
import { homeOf, paths } from "../paths";
import { Message } from "../ui/message";
import { session, useSession } from "./session";

/** Lets signed-in people of the named roles through; others are sent to sign in or told why not. */
export function Gate({ roles, children }: { roles: string[]; children: ReactNode }) {
  const state = useSession();
  const navigate = useNavigate();

  useEffect(() => {
    if (state.kind === "unknown") {
      // A server out of reach leaves the state unknown; asking goes on until it answers.
      void session.refresh();
      const timer = setInterval(() => void session.refresh(), 3000);
      return () => clearInterval(timer);
    }
    if (state.kind === "out") {
      const back = location.pathname + location.search;
      void navigate({ href: `${paths.login}?to=${encodeURIComponent(back)}`, replace: true });
    }
  }, [state.kind, navigate]);

  if (state.kind !== "in") return <Message title={t("app.loading")} />;
  if (!roles.includes(state.me.role)) {
    const action = { label: t("app.back"), href: homeOf(state.me.role) };
    const home = homeOf(state.me.role) === location.pathname;
    return (
      <Message
        title={t("forbidden.title")}
        hint={t("forbidden.hint")}
        action={home ? { label: t("login.home"), href: paths.home } : action}
      />
    );
  }
  return children;
}
