import { language, named, t } from "../../../shared/i18n/text";
import { shownNumber } from "../../../shared/number";
import { clockTime } from "../../../shared/time";
import type { BranchView, WindowView } from "./types";

/** Who would be called now and by which rule: it ends disputes in the hall. */
export function NextTicket({ window, branch }: { window: WindowView; branch: BranchView }) {
  const { next } = window;
  if (!next) return null;
  const { ticket, decision } = next;
  const service = branch.services.find(one => one.code === ticket.current);
  const overtaken = decision.overtaken.map(one => shownNumber(one.number, language())).join(", ");
  return (
    <section className="next">
      <p>
        <span className="dim">{t("next.title")}</span> <b>{shownNumber(ticket.number, language())}</b>{" "}
        {service && named(service.name)}
      </p>
      <details>
        <summary>{t("next.why")}</summary>
        <p>{named(decision.explanation)}</p>
        <p className="dim">
          {t("next.among", { count: decision.candidates })} ·{" "}
          {t("next.due", { time: clockTime(decision.dueAt, language(), branch.timeZone) })}
        </p>
        {overtaken && <p className="dim">{t("next.overtaken", { numbers: overtaken })}</p>}
      </details>
    </section>
  );
}
