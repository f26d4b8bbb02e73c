import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import {
  type HistoryFilter,
  JournalBranchesDocument,
  JournalDocument,
} from "../../../../shared/gql/generated/admin-journal";
import { t } from "../../../../shared/i18n/text";
import { Empty } from "../../../ui/empty";
import { Loaded } from "../../../ui/loaded";
import { Entry } from "./entry";
import { type Filters, noFilters, toFilter } from "./filter";
import { JournalFilters } from "./filters";
import "../journal-texts";

const pageSize = 50;

/** Everything that was decided, newest first: who, when, what, and what stood there before. */
export function JournalPage({ id = "" }: { id?: string }) {
  const [chosen, setFilters] = useState<Filters>(noFilters);
  const filters = { ...chosen, about: id };
  const [branches] = useQuery({ query: JournalBranchesDocument });
  const names = branches.data?.branches ?? [];
  return (
    <>
      <h1>{t("journal.title")}</h1>
      <p className="lead">{t("journal.lead")}</p>
      {id && (
        <p className="row">
          <span className="tag">{t("journal.about", { id: id.split(":").at(-1) })}</span>
          <Link to="/admin/$section" params={{ section: "journal" }}>
            {t("journal.all")}
          </Link>
        </p>
      )}
      <JournalFilters value={filters} branches={names} onChange={setFilters} />
      <Pages key={JSON.stringify(filters)} filter={toFilter(filters)} />
    </>
  );
}

function Pages({ filter }: { filter: HistoryFilter }) {
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  return (
    <div className="list">
      <table>
        <thead>
          <tr>
            <th>{t("journal.when")}</th>
            <th>{t("journal.who")}</th>
            <th>{t("journal.what")}</th>
          </tr>
        </thead>
        {cursors.map((after, index) => (
          <Page
            key={after ?? "first"}
            filter={filter}
            after={after}
            isLast={index === cursors.length - 1}
            onMore={next => setCursors([...cursors, next])}
          />
        ))}
      </table>
    </div>
  );
}

interface PageProps {
  filter: HistoryFilter;
  after: string | null;
  isLast: boolean;
  onMore: (cursor: string) => void;
}

function Page({ filter, after, isLast, onMore }: PageProps) {
  const [state, again] = useQuery({
    query: JournalDocument,
    variables: { filter, first: pageSize, after },
  });
  const history = state.data?.history;
  const next = history?.pageInfo.hasNextPage ? history.pageInfo.endCursor : null;
  const isEmpty = history?.nodes.length === 0 && after === null;
  return (
    <tbody>
      {history?.nodes.map(entry => (
        <Entry key={entry.eventId} entry={entry} />
      ))}
      {(!history || isEmpty || (isLast && next)) && (
        <tr>
          <td colSpan={3}>
            {!history && (
              <Loaded state={state} again={again}>
                {null}
              </Loaded>
            )}
            {isEmpty && <Empty picture="search" text={t("journal.empty")} />}
            {isLast && next && (
              <div className="more-row">
                <Button variant="default" onClick={() => onMore(next)}>
                  {t("journal.more")}
                </Button>
              </div>
            )}
          </td>
        </tr>
      )}
    </tbody>
  );
}
