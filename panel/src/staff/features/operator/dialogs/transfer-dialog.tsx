import { useState } from "react";
import { t } from "../../../../shared/i18n/text";
import { Choice } from "../../../ui/choice";
import { FormDialog } from "../../../ui/form-dialog";
import { Select } from "../../../ui/select";
import { useColleagues } from "../colleagues-feed";
import { NoteField, options, type TicketDialogProps, titleOf } from "./ticket-dialogs";

type Target = "service" | "window" | "operator";

/** Where the visit goes on. Windows and people are asked for anew: they open and leave through the day. */
export function TransferDialog({ branch, ticket, acts, onClose }: TicketDialogProps) {
  const [to, setTo] = useState<Target>("service");
  const [chosen, setChosen] = useState<Partial<Record<Target, string>>>({});
  const [note, setNote] = useState("");
  const colleagues = useColleagues(branch.code, undefined);

  const open = (colleagues ?? branch.windows).filter(
    window => window.code !== ticket.window && window.state !== "CLOSED",
  );
  const lists: Record<Target, { value: string; label: string }[]> = {
    service: options(branch.services.filter(one => one.enabled && one.code !== ticket.current)),
    window: open.map(one => ({
      value: one.code,
      label: [t("bar.window", { label: one.label }), one.operator?.name].filter(Boolean).join(" · "),
    })),
    operator: open.flatMap(one =>
      one.operator?.name ? [{ value: one.operator.id, label: one.operator.name }] : [],
    ),
  };
  const titles = {
    service: t("transfer.service"),
    window: t("transfer.window"),
    operator: t("transfer.operator"),
  };
  const value = lists[to].find(one => one.value === chosen[to])?.value ?? lists[to][0]?.value ?? "";
  const transfer = async () => {
    onClose();
    if (note.trim()) await acts.note(ticket.id, note.trim());
    const target = { toService: null, toWindow: null, toOperator: null };
    const field = { service: "toService", window: "toWindow", operator: "toOperator" } as const;
    await acts.transfer(ticket.id, { ...target, [field[to]]: value });
  };
  return (
    <FormDialog
      title={t("transfer.title", titleOf(ticket))}
      confirm={t("transfer.confirm")}
      blocked={value ? null : t("transfer.nowhere")}
      onConfirm={() => void transfer()}
      onClose={onClose}
    >
      <Choice
        label={t("transfer.to")}
        value={to}
        onChange={setTo}
        options={(["service", "window", "operator"] as const)
          .filter(one => lists[one].length > 0)
          .map(one => ({ value: one, label: titles[one] }))}
        autoFocus
      />
      <Select
        label={titles[to]}
        value={value}
        onChange={next => setChosen({ ...chosen, [to]: next })}
        data={lists[to]}
      />
      <NoteField value={note} onChange={setNote} />
      <p className="dim">{t("transfer.keeps")}</p>
    </FormDialog>
  );
}
