import { Button } from "@mantine/core";
import { useState } from "react";
import {
  type PersonalField,
  RevealPersonalDataDocument,
  type RevealPersonalDataMutation,
  type RevealReason,
} from "../../../../shared/gql/generated/admin-customers";
import { type TextId, t } from "../../../../shared/i18n/text";
import { useAct } from "../../../ui/act";
import { Checks } from "../../../ui/checks";
import { Choice } from "../../../ui/choice";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";

type Revealed = NonNullable<RevealPersonalDataMutation["revealPersonalData"]["revealed"]>;

const fields: { value: PersonalField; text: TextId }[] = [
  { value: "NAME", text: "customers.field-name" },
  { value: "PHONE", text: "customers.field-phone" },
  { value: "EMAIL", text: "customers.field-email" },
  { value: "MESSENGER", text: "customers.field-messenger" },
];
const reasons: { value: RevealReason; text: TextId }[] = [
  { value: "REQUEST", text: "customers.reveal-request" },
  { value: "COMPLAINT", text: "customers.reveal-complaint" },
  { value: "SUPPORT", text: "customers.reveal-support" },
  { value: "SAFETY", text: "customers.reveal-safety" },
  { value: "LEGAL", text: "customers.reveal-legal" },
];

/** Shows who somebody is, for a reason. The journal has the question before the page has the answer. */
export function RevealPart({ customer }: { customer: string }) {
  const [asking, setAsking] = useState(false);
  const [chosen, setChosen] = useState<string[]>(["NAME"]);
  const [reason, setReason] = useState<RevealReason>("REQUEST");
  const [shown, setShown] = useState<Revealed | null>(null);
  const { act, busy, problem } = useAct();
  const reveal = async () => {
    const wanted = fields.map(one => one.value).filter(one => chosen.includes(one));
    const made = await act(RevealPersonalDataDocument, { customer, fields: wanted, reason });
    if (!made?.revealed) return;
    setShown(made.revealed);
    setAsking(false);
  };
  const values = shown
    ? [shown.name, ...shown.phones, ...shown.emails, ...shown.messengers].filter(Boolean)
    : [];
  return (
    <>
      {shown && (
        <div className="secret" role="status">
          <b>{t("customers.shown")}</b>
          {values.length === 0 && <span>{t("customers.none")}</span>}
          {values.map(value => (
            <span key={value}>{value}</span>
          ))}
          <div className="row">
            <Button variant="default" onClick={() => setShown(null)}>
              {t("customers.hide")}
            </Button>
          </div>
        </div>
      )}
      {!shown && (
        <div className="row">
          <Button variant="default" onClick={() => setAsking(true)}>
            {t("customers.reveal")}
          </Button>
        </div>
      )}
      {asking && (
        <FormDialog
          title={t("customers.reveal-title")}
          confirm={t("customers.reveal")}
          blocked={busy ? t("app.loading") : chosen.length === 0 ? t("customers.need-field") : null}
          onConfirm={() => void reveal()}
          onClose={() => setAsking(false)}
        >
          <p>{t("customers.reveal-text")}</p>
          <Checks
            label={t("customers.what")}
            options={fields.map(one => ({ value: one.value, label: t(one.text) }))}
            value={chosen}
            onChange={setChosen}
          />
          <Choice
            label={t("dialog.reason")}
            value={reason}
            options={reasons.map(one => ({ value: one.value, label: t(one.text) }))}
            onChange={setReason}
          />
          <Failure text={problem} />
        </FormDialog>
      )}
    </>
  );
}
