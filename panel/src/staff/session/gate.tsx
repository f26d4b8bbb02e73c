import { Navigate, useNavigate } from "@tanstack/react-router";
import { createContext, type ReactNode, useCallback, useContext, useEffect } from "react";
import { useQuery } from "urql";
import { MeDocument, type MeQuery } from "../../shared/gql/generated/staff-session";
import { homeOf } from "../../shared/homes";
import { t } from "../../shared/i18n/text";
import { paths } from "../paths";
import { Message } from "../ui/message";
import { session, useSession } from "./session";

export type Me = NonNullable<MeQuery["me"]>;

const MeContext = createContext<Me | null>(null);
const AgainContext = createContext<() => void>(() => {});

/** Whoever is signed in, with what they may do; only inside a `Gate`. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("no gate above");
  return me;
}

/** Asks anew who is signed in, when something they did has changed what they may do. */
export const useMeAgain = () => useContext(AgainContext);

/** Lets signed-in people with any of the permissions through; others are sent to sign in or told why not. */
export function Gate({ any, children }: { any?: readonly string[]; children: ReactNode }) {
  const state = useSession();
  const navigate = useNavigate();
  const isIn = state.kind === "in";
  const [{ data, error }, again] = useQuery({ query: MeDocument, pause: !isIn });

  const anew = useCallback(() => {
    void session.refresh();
    again({ requestPolicy: "network-only" });
  }, [again]);

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

  if (error && !data) {
    const retry = () => again({ requestPolicy: "network-only" });
    return (
      <Message
        picture="torn"
        title={t("error.title")}
        code={error.message}
        action={{ label: t("app.retry"), press: retry }}
      />
    );
  }
  if (!isIn || !data?.me) return <Message title={t("app.loading")} />;
  const { me } = data;
  if (me.mustSetUpSecondFactor && location.pathname !== paths.account)
    return <Navigate to={paths.account} replace />;
  if (any && !any.some(permission => me.permissions.includes(permission))) {
    const isHome = homeOf(state.me) === location.pathname;
    const action = isHome
      ? { label: t("shell.account"), href: paths.account }
      : { label: t("app.back"), href: homeOf(state.me) };
    return <Message picture="lock" title={t("forbidden.title")} hint={t("forbidden.hint")} action={action} />;
  }
  return (
    <AgainContext value={anew}>
      <MeContext value={me}>{children}</MeContext>
    </AgainContext>
  );
}
