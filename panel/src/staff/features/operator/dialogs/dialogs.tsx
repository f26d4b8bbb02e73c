import { language, t } from "../../../../shared/i18n/text";
import { shownNumber } from "../../../../shared/number";
import { FormDialog } from "../../../ui/form-dialog";
import type { Dialog } from "../dialog";
import type { BranchView, WindowView } from "../types";
import type { Acts } from "../work";
import { FinishDialog, ParkDialog, ReasonDialog, ReturnDialog } from "./ticket-dialogs";
import { TransferDialog } from "./transfer-dialog";
import { BreakDialog, HelpDialog, LeaveDialog, type Preferences, ServicesDialog } from "./window-dialogs";

interface Props {
  dialog: Dialog;
  branch: BranchView;
  window: WindowView;
  acts: Acts;
  preferences: Preferences;
  onPreferences: (next: Preferences) => void;
  onClose: () => void;
  onLeft: () => void;
}

/** Draws the question that is open. */
export function Dialogs(props: Props) {
  const { dialog, branch, window, acts, onClose } = props;
  const common = { branch, window, acts, onClose };
  const values = "ticket" in dialog ? { number: shownNumber(dialog.ticket.number, language()) } : {};
  switch (dialog.kind) {
    case "none":
      return null;
    case "finish":
      return <FinishDialog {...common} ticket={dialog.ticket} />;
    case "park":
      return <ParkDialog {...common} ticket={dialog.ticket} />;
    case "transfer":
      return <TransferDialog {...common} ticket={dialog.ticket} />;
    case "return":
      return <ReturnDialog {...common} ticket={dialog.ticket} />;
    case "refuse":
      return (
        <ReasonDialog
          title={t("refuse.title", values)}
          confirm={t("refuse.confirm")}
          danger
          reasons={branch.refuseReasons}
          onReason={reason => void acts.refuse(dialog.ticket.id, reason)}
          onClose={onClose}
        />
      );
    case "pick":
      return (
        <ReasonDialog
          title={t("pick.title", values)}
          text={t("pick.text")}
          confirm={t("pick.confirm", values)}
          reasons={branch.pickReasons}
          onReason={reason => void acts.pick(dialog.ticket.id, reason || null)}
          onClose={onClose}
        />
      );
    case "revoke":
      return (
        <FormDialog
          title={t("revoke.title", values)}
          confirm={t("revoke.confirm")}
          onConfirm={() => {
            onClose();
            void acts.revoke(dialog.ticket.id);
          }}
          onClose={onClose}
        >
          <p>{t("revoke.text")}</p>
        </FormDialog>
      );
    case "noShow":
      return (
        <FormDialog
          title={t("no-show.title", values)}
          confirm={t("no-show.confirm")}
          onConfirm={() => {
            onClose();
            void acts.noShow(dialog.ticket.id);
          }}
          onClose={onClose}
        >
          <p>{t("no-show.text")}</p>
        </FormDialog>
      );
    case "break":
      return <BreakDialog {...common} />;
    case "services":
      return <ServicesDialog {...common} />;
    case "leave":
      return <LeaveDialog {...common} onLeft={props.onLeft} />;
    case "help":
      return (
        <HelpDialog preferences={props.preferences} onPreferences={props.onPreferences} onClose={onClose} />
      );
  }
}
