import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import {
  type CustomerFieldsFragment,
  EraseCustomerDocument,
  type EraseReason,
} from "../../../../shared/gql/generated/admin-customers";
import { language, maybe, type TextId, t } from "../../../../shared/i18n/text";
import { dayAndTime } from "../../../../shared/time";
import { useMe } from "../../../session/gate";
import { useAct } from "../../../ui/act";
import { Choice } from "../../../ui/choice";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { RevealPart } from "./reveal";

const contactWords: Record<CustomerFieldsFragment["contactKinds"][number], TextId> = {
  PHONE: "customers.kind-phone",
  EMAIL: "customers.kind-email",
  MESSENGER: "customers.kind-messenger",
};
const eraseReasons: { value: EraseReason; text: TextId }[] = [
  { value: "REQUEST", text: "customers.erase-request" },
  { value: "LEGAL", text: "customers.erase-legal" },
  { value: "MISTAKE", text: "customers.erase-mistake" },
];

/** What may be known of a customer without their name. */
export function CustomerCard({ customer, reload }: { customer: CustomerFieldsFragment; reload: () => void }) {
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState<EraseReason>("REQUEST");
  const { act, busy, problem } = useAct();
  const erase = async () => {
    if (!(await act(EraseCustomerDocument, { customer: customer.id, reason }))) return;
    setAsking(false);
    reload();
  };
  return (
    <section className="card" aria-labelledby="customer-title">
      <h2 id="customer-title">{t("customers.one")}</h2>
      <dl className="facts-list">
        <dt>{t("customers.pseudonym")}</dt>
        <dd>
          <code>{customer.id}</code>
        </dd>
        <dt>{t("customers.since")}</dt>
        <dd>{dayAndTime(customer.registeredAt, language())}</dd>
        {!customer.erased && (
          <>
            <dt>{t("customers.contacts")}</dt>
            <dd>
              {customer.contactKinds.map(kind => t(contactWords[kind])).join(", ") || t("customers.none")}
            </dd>
            <dt>{t("customers.consents")}</dt>
            <dd>
              {customer.consents.length === 0 && t("customers.none")}
              {customer.consents.map(one => (
                <p key={one.purpose}>
                  {maybe(`purpose.${one.purpose}`) ?? one.purpose}{" "}
                  <span className="dim">
                    {one.withdrawnAt
                      ? t("customers.withdrawn", { time: dayAndTime(one.withdrawnAt, language()) })
                      : t("customers.given", {
                          version: one.textVersion,
                          time: dayAndTime(one.givenAt, language()),
                        })}
                  </span>
                </p>
              ))}
            </dd>
          </>
        )}
      </dl>
      {customer.erased && <p className="failure">{t("customers.erased")}</p>}
      {!customer.erased && me.permissions.includes("REVEAL_PERSONAL_DATA") && (
        <RevealPart customer={customer.id} />
      )}
      {!customer.erased && me.permissions.includes("ERASE_CUSTOMERS") && (
        <div className="row">
          <Button variant="subtle" color="red" onClick={() => setAsking(true)}>
            {t("customers.erase")}
          </Button>
        </div>
      )}
      {me.permissions.includes("READ_HISTORY") && (
        <p>
          <Link to="/admin/$section/$id" params={{ section: "journal", id: `customer:${customer.id}` }}>
            {t("customers.journal")}
          </Link>
        </p>
      )}
      {asking && (
        <FormDialog
          title={t("customers.erase-title")}
          confirm={t("customers.erase")}
          danger
          blocked={busy ? t("app.loading") : null}
          onConfirm={() => void erase()}
          onClose={() => setAsking(false)}
        >
          <p>{t("customers.erase-text")}</p>
          <Choice
            label={t("dialog.reason")}
            value={reason}
            options={eraseReasons.map(one => ({ value: one.value, label: t(one.text) }))}
            onChange={setReason}
          />
          <Failure text={problem} />
        </FormDialog>
      )}
    </section>
  );
}
