import type { MyAccountQuery } from "../../../shared/gql/generated/account";
import { language, maybe, named, t } from "../../../shared/i18n/text";
import { shownNumber } from "../../../shared/number";
import { dayAndTime } from "../../../shared/time";
import type { Account } from "./customer-page";

interface Props {
  visits: Account["visits"];
  branches: MyAccountQuery["branches"];
}

/** One's own tickets, the newest first; each leads to its page. */
export function VisitsCard({ visits, branches }: Props) {
  const branchName = (code: string) => {
    const branch = branches.find(one => one.code === code);
    return branch ? named(branch.name) : code;
  };
  return (
    <section className="card" aria-labelledby="visits-title">
      <h2 id="visits-title">{t("mine.visits")}</h2>
      {visits.length === 0 && <p className="dim">{t("mine.no-visits")}</p>}
      <ul className="lines">
        {visits.map(visit => (
          <li key={visit.ticketId}>
            <div>
              <a className="ticket-link" href={`/t/${visit.token}`}>
                {shownNumber(visit.number, language())}
              </a>
              <p className="dim">
                {branchName(visit.branch)}, {dayAndTime(visit.issuedAt, language())}
              </p>
            </div>
            <span className="tag">{maybe(`visit.${visit.state}`) ?? visit.state}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
