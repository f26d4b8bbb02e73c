import { Textarea } from "@mantine/core";
import { useState } from "react";
import { type LocalText, language, named, t } from "../../../../shared/i18n/text";
import { shownNumber } from "../../../../shared/number";
import { Choice } from "../../../ui/choice";
import { FormDialog } from "../../../ui/form-dialog";
import { Select } from "../../../ui/select";
import type { BranchView, TicketView } from "../types";
import type { Acts, Pool } from "../work";

export interface TicketDialogProps {
  branch: BranchView;
  ticket: TicketView;
  acts: Acts;
  onClose: () => void;
}

interface Named {
  code: string;
  name: LocalText;
}

export const options = (codes: Named[]) => codes.map(one => ({ value: one.code, label: named(one.name) }));
export const titleOf = (ticket: TicketView) => ({ number: shownNumber(ticket.number, language()) });

/** The result of a service; Enter takes the usual one, which stands first. */
export function FinishDialog({ branch, ticket, acts, onClose }: TicketDialogProps) {
  const [outcome, setOutcome] = useState(branch.outcomes[0]?.code ?? "");
  const [note, setNote] = useState("");
  const finish = async () => {
    onClose();
    if (note.trim()) await acts.note(ticket.id, note.trim());
    await acts.finish(ticket.id, outcome || null);
  };
  return (
    <FormDialog
      title={t("finish.title", titleOf(ticket))}
      confirm={t("finish.confirm")}
      onConfirm={() => void finish()}
      onClose={onClose}
    >
      {branch.outcomes.length > 0 && (
        <Choice
          label={t("finish.outcome")}
          value={outcome}
          options={options(branch.outcomes)}
          onChange={setOutcome}
          autoFocus
        />
      )}
      <NoteField value={note} onChange={setNote} />
    </FormDialog>
  );
}

/** A word to the colleagues about this visit. */
export function NoteField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  return (
    <Textarea
      label={t("dialog.note")}
      description={t("dialog.note-hint")}
      value={value}
      maxLength={500}
      onChange={event => onChange(event.currentTarget.value)}
      autosize={false}
      rows={2}
    />
  );
}

const minutesChoices = [0, 5, 10, 15, 30, 60];

export function ParkDialog({ branch, ticket, acts, onClose }: TicketDialogProps) {
  const [reason, setReason] = useState(branch.parkReasons[0]?.code ?? "");
  const [pool, setPool] = useState<Pool>("WINDOW");
  const [minutes, setMinutes] = useState(0);
  const park = () => {
    onClose();
    void acts.park(ticket.id, reason, pool, minutes || null);
  };
  return (
    <FormDialog
      title={t("park.title", titleOf(ticket))}
      confirm={t("park.confirm")}
      onConfirm={park}
      onClose={onClose}
    >
      <Choice
        label={t("dialog.reason")}
        value={reason}
        options={options(branch.parkReasons)}
        onChange={setReason}
        autoFocus
      />
      <Choice<Pool>
        label={t("park.back")}
        value={pool}
        onChange={setPool}
        options={[
          { value: "WINDOW", label: t("park.window") },
          { value: "OPERATOR", label: t("park.mine") },
          { value: "BRANCH", label: t("park.anyone") },
        ]}
      />
      <Select
        label={t("park.minutes")}
        value={String(minutes)}
        onChange={value => setMinutes(Number(value))}
        data={minutesChoices.map(value => ({
          value: String(value),
          label: value === 0 ? t("park.by-hand") : t("park.after", { minutes: value }),
        }))}
      />
    </FormDialog>
  );
}

type Placement = "ORIGINAL" | "FRONT" | "AFTER_N" | "TAIL";

export function ReturnDialog({ ticket, acts, onClose }: TicketDialogProps) {
  const [placement, setPlacement] = useState<Placement>("ORIGINAL");
  const giveBack = () => {
    onClose();
    void acts.giveBack(ticket.id, placement);
  };
  return (
    <FormDialog
      title={t("return.title", titleOf(ticket))}
      confirm={t("return.confirm")}
      onConfirm={giveBack}
      onClose={onClose}
    >
      <Choice<Placement>
        label={t("return.place")}
        value={placement}
        onChange={setPlacement}
        options={[
          { value: "ORIGINAL", label: t("return.original") },
          { value: "FRONT", label: t("return.front") },
          { value: "AFTER_N", label: t("return.after") },
          { value: "TAIL", label: t("return.tail") },
        ]}
        autoFocus
      />
    </FormDialog>
  );
}

/** A question answered by a reason out of a list, with a sentence when there is something to explain. */
export function ReasonDialog(props: {
  title: string;
  text?: string;
  confirm: string;
  danger?: boolean;
  reasons: Named[];
  onReason: (code: string) => void;
  onClose: () => void;
}) {
  const [reason, setReason] = useState(props.reasons[0]?.code ?? "");
  return (
    <FormDialog
      title={props.title}
      confirm={props.confirm}
      danger={props.danger}
      onConfirm={() => {
        props.onClose();
        props.onReason(reason);
      }}
      onClose={props.onClose}
    >
      {props.text && <p>{props.text}</p>}
      {props.reasons.length > 0 && (
        <Choice
          label={t("dialog.reason")}
          value={reason}
          options={options(props.reasons)}
          onChange={setReason}
          autoFocus
        />
      )}
    </FormDialog>
  );
}
