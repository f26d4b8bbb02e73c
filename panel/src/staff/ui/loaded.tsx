import { Button } from "@mantine/core";
import type { CombinedError } from "@urql/core";
import type { ReactNode } from "react";
import { t } from "../../shared/i18n/text";

interface Props {
  state: { data?: unknown; error?: CombinedError };
  again: (options: { requestPolicy: "network-only" }) => void;
  children: ReactNode;
}

/** What a query brought; until then its place, and if it failed why, with a way to ask again. Only this part fails. */
export function Loaded({ state, again, children }: Props) {
  if (state.data) return children;
  if (!state.error) return <div className="skeleton" role="status" aria-label={t("app.loading")} />;
  const [error] = state.error.graphQLErrors;
  const code = typeof error?.extensions.code === "string" ? error.extensions.code : null;
  return (
    <div className="card" role="alert">
      <b>{t("error.title")}</b>
      <p>{error?.message ?? t("problem.unreachable")}</p>
      {code && <p className="dim">{code}</p>}
      <div className="row">
        <Button onClick={() => again({ requestPolicy: "network-only" })}>{t("app.retry")}</Button>
      </div>
    </div>
  );
}
