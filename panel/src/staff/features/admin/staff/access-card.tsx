import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import {
  DismissStaffDocument,
  EndStaffSessionsDocument,
  InviteStaffAgainDocument,
  type InviteStaffAgainMutation,
  ResetSecondFactorDocument,
} from "../../../../shared/gql/generated/admin-staff";
import { t } from "../../../../shared/i18n/text";
import { useMe } from "../../../session/gate";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { InvitationLink } from "./invitation";
import type { CardProps } from "./member-page";
import { personWords } from "./words";

type Invitation = InviteStaffAgainMutation["inviteStaffAgain"]["invitation"];

/** How somebody gets in, and how they are kept out. */
export function AccessCard({ person, reload }: CardProps) {
  const [invitation, setInvitation] = useState<Invitation>(null);
  const [done, setDone] = useState<"staff.sessions-ended" | "staff.two-step-reset" | null>(null);
  const [open, setOpen] = useState<"end" | "reset" | "dismiss" | null>(null);
  const [reason, setReason] = useState("");
  const { act, busy, problem } = useAct();
  // One's own are on the own page, where the password is asked for.
  const isOwn = useMe().id === person.id;

  const invite = async () => {
    const made = await act(InviteStaffAgainDocument, { staff: person.id });
    setInvitation(made?.invitation ?? null);
    reload();
  };
  const endSessions = async () => {
    setOpen(null);
    const made = await act(EndStaffSessionsDocument, { staff: person.id });
    setDone(made && "staff.sessions-ended");
  };
  const reset = async () => {
    setOpen(null);
    const made = await act(ResetSecondFactorDocument, { staff: person.id });
    setDone(made && "staff.two-step-reset");
  };
  const dismiss = async () => {
    setOpen(null);
    await act(DismissStaffDocument, { staff: person.id, reason: reason.trim() });
    reload();
  };
  return (
    <section className="card" aria-labelledby="access-title">
      <h2 id="access-title">{t("staff.access")}</h2>
      <p>{t(person.hasPassword ? "staff.has-password" : "staff.not-yet-in")}</p>
      {invitation && <InvitationLink invitation={invitation} />}
      <Failure text={problem} />
      <p role="status" className="saved">
        {done ? t(done) : ""}
      </p>
      <div className="row">
        {!isOwn && (
          <Button variant="default" loading={busy} onClick={() => void invite()}>
            {t(person.hasPassword ? "staff.new-link" : "staff.invite-again")}
          </Button>
        )}
        <Button variant="default" onClick={() => setOpen("end")}>
          {t("staff.end-sessions")}
        </Button>
        {!isOwn && (
          <Button variant="default" onClick={() => setOpen("reset")}>
            {t("staff.reset-two-step")}
          </Button>
        )}
        <Button variant="subtle" color="red" onClick={() => setOpen("dismiss")}>
          {t("staff.dismiss")}
        </Button>
      </div>
      {open === "end" && (
        <FormDialog
          title={t("staff.end-sessions-title")}
          confirm={t("staff.end-sessions")}
          onConfirm={() => void endSessions()}
          onClose={() => setOpen(null)}
        >
          <p>{t("staff.end-sessions-text")}</p>
        </FormDialog>
      )}
      {open === "reset" && (
        <FormDialog
          title={t("staff.reset-two-step-title")}
          confirm={t("staff.reset-two-step")}
          danger
          onConfirm={() => void reset()}
          onClose={() => setOpen(null)}
        >
          <p>{t("staff.reset-two-step-text")}</p>
        </FormDialog>
      )}
      {open === "dismiss" && (
        <FormDialog
          title={t("staff.dismiss-title", { name: personWords(person) })}
          confirm={t("staff.dismiss")}
          danger
          blocked={reason.trim() ? null : t("staff.need-reason")}
          onConfirm={() => void dismiss()}
          onClose={() => setOpen(null)}
        >
          <p>{t("staff.dismiss-text")}</p>
          <TextInput
            label={t("dialog.reason")}
            value={reason}
            maxLength={300}
            onChange={event => setReason(event.currentTarget.value)}
            data-autofocus
            required
          />
        </FormDialog>
      )}
    </section>
  );
}
