import { Button, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useClient, useQuery } from "urql";
import { FindCustomerDocument, OneCustomerDocument } from "../../../../shared/gql/generated/admin-customers";
import { t } from "../../../../shared/i18n/text";
import { paths } from "../../../paths";
import { Empty } from "../../../ui/empty";
import { Failure } from "../../../ui/failure";
import { Loaded } from "../../../ui/loaded";
import { Select } from "../../../ui/select";
import { CustomerCard } from "./customer-card";
import "../people-texts";

const kinds = ["PHONE", "EMAIL"] as const;
type Kind = (typeof kinds)[number];

/** A customer is found by a contact one already knows; who they are stays hidden until a reason is given. */
export function CustomersPage({ id }: { id?: string }) {
  return (
    <>
      <h1>{t("customers.title")}</h1>
      <p className="lead">{t("customers.lead")}</p>
      <FindForm />
      {id && <Found key={id} id={id} />}
    </>
  );
}

function FindForm() {
  const client = useClient();
  const navigate = useNavigate();
  const [kind, setKind] = useState<Kind>("PHONE");
  const [value, setValue] = useState("");
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<{ isError: boolean; text: string } | null>(null);
  const find = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setTold(null);
    const variables = { kind, value: value.trim() };
    const result = await client.query(FindCustomerDocument, variables).toPromise();
    setBusy(false);
    if (result.error) {
      const [error] = result.error.graphQLErrors;
      setTold({ isError: true, text: error?.message ?? t("problem.unreachable") });
    } else if (result.data?.findCustomer) {
      // The contact stays out of the address; the pseudonym may stand there.
      await navigate({ href: `${paths.admin}/customers/${result.data.findCustomer.id}` });
    } else setTold({ isError: false, text: t("customers.nobody") });
  };
  return (
    <form className="card" onSubmit={event => void find(event)}>
      <div className="line-form">
        <TextInput
          label={t(kind === "PHONE" ? "customers.phone" : "customers.email")}
          type={kind === "PHONE" ? "tel" : "email"}
          autoComplete="off"
          value={value}
          onChange={event => setValue(event.currentTarget.value)}
          required
        />
        <Select
          label={t("customers.by")}
          value={kind}
          onChange={next => setKind(next === "EMAIL" ? "EMAIL" : "PHONE")}
          data={[
            { value: "PHONE", label: t("customers.by-phone") },
            { value: "EMAIL", label: t("customers.by-email") },
          ]}
        />
        <Button type="submit" loading={busy} disabled={!value.trim()}>
          {t("customers.find")}
        </Button>
      </div>
      <Failure text={told?.isError ? told.text : null} />
      <p role="status" hidden={!told || told.isError}>
        {told && !told.isError ? told.text : ""}
      </p>
    </form>
  );
}

function Found({ id }: { id: string }) {
  const [state, again] = useQuery({ query: OneCustomerDocument, variables: { id } });
  const customer = state.data?.customer;
  return (
    <Loaded state={state} again={again}>
      {customer ? (
        <CustomerCard customer={customer} reload={() => again({ requestPolicy: "network-only" })} />
      ) : (
        <Empty picture="search" text={t("customers.unknown")} />
      )}
    </Loaded>
  );
}
