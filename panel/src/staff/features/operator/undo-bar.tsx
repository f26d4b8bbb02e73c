import { Button } from "@mantine/core";
import { language, t } from "../../../shared/i18n/text";
import { shownNumber } from "../../../shared/number";
import { undoLabel } from "./labels";
import type { WindowView } from "./types";
import type { Acts } from "./work";

interface Props {
  window: WindowView;
  acts: Acts;
  now: number;
}

/** Ten seconds to take back the last step. */
export function UndoBar({ window, acts, now }: Props) {
  const { undo } = window;
  const left = undo ? Math.ceil((Date.parse(undo.until) - now) / 1000) : 0;
  if (!undo || left <= 0) return null;
  const what = undoLabel(undo.kind, undo.ticketNumber ? shownNumber(undo.ticketNumber, language()) : "");
  return (
    <div className="undo" role="status">
      <p>{t("undo.bar", { what, seconds: left })}</p>
      <Button variant="white" onClick={() => void acts.undo(undo.eventId)}>
        {t("undo.button")}
      </Button>
    </div>
  );
}
