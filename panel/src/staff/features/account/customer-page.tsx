import { useQuery } from "urql";
import { MyAccountDocument, type MyAccountQuery } from "../../../shared/gql/generated/account";
import { t } from "../../../shared/i18n/text";
import { Loaded } from "../../ui/loaded";
import { ConsentsCard } from "./consents-card";
import { DataCard } from "./data-card";
import { ProfileCard } from "./profile-card";
import { SessionsCard } from "./sessions-card";
import { VisitsCard } from "./visits-card";

export type Account = NonNullable<MyAccountQuery["myAccount"]>;

/** A customer's own page: everything the house knows of them, and what they may do about it. */
export function CustomerPage() {
  const [state, again] = useQuery({ query: MyAccountDocument });
  const reload = () => again({ requestPolicy: "network-only" });
  const account = state.data?.myAccount;
  return (
    <Loaded state={state} again={again}>
      {account && state.data && (
        <>
          <h1>{account.name ? t("mine.hello", { name: account.name }) : t("account.title")}</h1>
          <VisitsCard visits={account.visits} branches={state.data.branches} />
          <ProfileCard account={account} reload={reload} />
          <ConsentsCard account={account} texts={state.data.consentTexts} reload={reload} />
          <SessionsCard hasPassword={false} />
          <DataCard />
        </>
      )}
    </Loaded>
  );
}
