import { Button } from "@mantine/core";
import {
  GiveConsentDocument,
  type MyAccountQuery,
  WithdrawConsentDocument,
} from "../../../shared/gql/generated/account";
import { language, maybe, named, t } from "../../../shared/i18n/text";
import { dayAndTime } from "../../../shared/time";
import { useAct } from "../../ui/act";
import { Failure } from "../../ui/failure";
import { consentsShown } from "./consents";
import type { Account } from "./customer-page";

interface Props {
  account: Account;
  texts: MyAccountQuery["consentTexts"];
  reload: () => void;
}

/** What one has agreed to, given and taken back by one press each. */
export function ConsentsCard({ account, texts, reload }: Props) {
  const { act, busy, problem } = useAct();
  const give = async (purpose: string, textVersion: number) => {
    await act(GiveConsentDocument, { purpose, textVersion });
    reload();
  };
  const withdraw = async (purpose: string) => {
    await act(WithdrawConsentDocument, { purpose });
    reload();
  };
  const list = consentsShown(texts, account.consents);
  return (
    <section className="card" aria-labelledby="consents-title">
      <h2 id="consents-title">{t("mine.consents")}</h2>
      {list.length === 0 && <p className="dim">{t("mine.no-consents")}</p>}
      <ul className="lines">
        {list.map(one => (
          <li key={one.purpose} className="consent">
            <div>
              <b>{maybe(`purpose.${one.purpose}`) ?? t("mine.consent")}</b>
              {one.required && <span className="tag">{t("mine.required")}</span>}
              {one.text && <p className="prose">{named(one.text)}</p>}
              <p className="dim">
                {one.state === "given" && t("mine.given", { time: dayAndTime(one.at ?? "", language()) })}
                {one.state === "old" && t("mine.old")}
                {one.state === "withdrawn" &&
                  t("mine.withdrawn", { time: dayAndTime(one.at ?? "", language()) })}
                {one.state === "none" && t("mine.not-given")}
              </p>
            </div>
            <div className="row">
              {one.state !== "given" && one.version !== null && (
                <Button disabled={busy} onClick={() => void give(one.purpose, one.version ?? 0)}>
                  {t("mine.agree")}
                  <span className="hidden-text"> {maybe(`purpose.${one.purpose}`) ?? one.purpose}</span>
                </Button>
              )}
              {(one.state === "given" || one.state === "old") && (
                <Button variant="default" disabled={busy} onClick={() => void withdraw(one.purpose)}>
                  {t("mine.withdraw")}
                  <span className="hidden-text"> {maybe(`purpose.${one.purpose}`) ?? one.purpose}</span>
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      <Failure text={problem} />
    </section>
  );
}
