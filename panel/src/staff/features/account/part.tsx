import { Button } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { t } from "../../../shared/i18n/text";
import type { Fetched } from "../../ui/fetched";
import { problemText } from "../../ui/problem";

interface Props<T> {
  title: string;
  lead?: string;
  state: Fetched<T>;
  again: () => void;
  children: (value: T) => ReactNode;
}

/** One card of the page. It loads and fails by itself and leaves the others alone. */
export function Part<T>({ title, lead, state, again, children }: Props<T>) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {lead && <p className="dim">{lead}</p>}
      {state.kind === "loading" && <p className="dim">{t("app.loading")}</p>}
      {state.kind === "failed" && (
        <div className="row" role="alert">
          <span>{problemText(state.problem)}</span>
          <Button variant="default" onClick={again}>
            {t("app.retry")}
          </Button>
        </div>
      )}
      {state.kind === "ready" && children(state.value)}
    </section>
  );
}
