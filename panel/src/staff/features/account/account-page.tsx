import { useState } from "react";
import { maybe, t } from "../../../shared/i18n/text";
import { paths } from "../../paths";
import { Gate, useMe, useMeAgain } from "../../session/gate";
import { useSession } from "../../session/session";
import { Top } from "../../ui/top";
import { anyAdmin } from "../admin/sections";
import { CustomerPage } from "./customer-page";
import { PasswordCard } from "./password-card";
import { SessionsCard } from "./sessions-card";
import { TotpCard } from "./totp-card";

/** One's own page: a customer's data, or who somebody of the staff is, how they get in and where they work. */
export function AccountPage() {
  document.title = t("account.title");
  return (
    <Gate>
      <Top title={t("app.name")} />
      <main className="account">
        <Own />
      </main>
    </Gate>
  );
}

function Own() {
  const state = useSession();
  if (state.kind === "in" && state.me.kind === "CUSTOMER") return <CustomerPage />;
  return (
    <>
      <WhoIAm />
      <Security />
    </>
  );
}

// A changed password and a new second step end other sessions, so their list is asked for anew.
function Security() {
  const [turn, setTurn] = useState(0);
  const { mustSetUpSecondFactor } = useMe();
  const again = useMeAgain();
  // What must be done first stands first, and stays where it is when it is done: the recovery codes are on it.
  const [totpFirst] = useState(mustSetUpSecondFactor);
  const anew = () => setTurn(turn + 1);
  const totp = (
    <TotpCard
      onChanged={() => {
        anew();
        again();
      }}
    />
  );
  return (
    <>
      {totpFirst && totp}
      <SessionsCard key={turn} />
      <PasswordCard onChanged={anew} />
      {!totpFirst && totp}
    </>
  );
}

function WhoIAm() {
  const me = useMe();
  const may = (any: readonly string[]) => any.some(one => me.permissions.includes(one));
  const work = [
    { href: paths.operator, label: t("account.to-operator"), open: may(["CALL_CUSTOMERS"]) },
    { href: paths.admin, label: t("account.to-admin"), open: may(anyAdmin) },
  ].filter(one => one.open);
  return (
    <section className="card">
      <h1>{me.name ?? t("account.title")}</h1>
      <p className="dim">{maybe(`role.${me.role}`) ?? me.role}</p>
      {me.mustSetUpSecondFactor && <p role="status">{t("totp.must")}</p>}
      {work.length > 0 && (
        <nav className="row" aria-label={t("account.work")}>
          {work.map(one => (
            <a key={one.href} className="go-link" href={one.href}>
              {one.label}
            </a>
          ))}
        </nav>
      )}
    </section>
  );
}
