import { Button, Checkbox, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import {
  type StaffFilter,
  StaffListDocument,
  StaffWordsDocument,
} from "../../../../shared/gql/generated/admin-staff";
import { named, t } from "../../../../shared/i18n/text";
import { useMe } from "../../../session/gate";
import { Empty } from "../../../ui/empty";
import { Loaded } from "../../../ui/loaded";
import { Select } from "../../../ui/select";
import { AddStaffDialog } from "./add-dialog";
import { type Line, personWords, scopeWords, type Words } from "./words";

const pageSize = 50;
const none = { search: "", branch: "", role: "", position: "", dismissed: false };

/** Everybody who works here: found by name, branch, role or position. */
export function StaffListPage() {
  const me = useMe();
  const [words] = useQuery({ query: StaffWordsDocument });
  const [filters, setFilters] = useState(none);
  const [adding, setAdding] = useState(false);
  const [turn, setTurn] = useState(0);
  const set = (part: Partial<typeof none>) => setFilters({ ...filters, ...part });
  const any = { value: "", label: t("staff.any") };
  const options = (things: { code: string; name: { ru: string; en: string } }[] | undefined) => [
    any,
    ...(things ?? []).map(one => ({ value: one.code, label: named(one.name) })),
  ];
  const filter: StaffFilter = {
    search: filters.search.trim() || undefined,
    branch: filters.branch || undefined,
    role: filters.role || undefined,
    position: filters.position || undefined,
    dismissed: filters.dismissed || undefined,
  };
  return (
    <>
      <div className="title">
        <h1>{t("staff.title")}</h1>
        {me.permissions.includes("MANAGE_STAFF") && (
          <Button onClick={() => setAdding(true)}>{t("staff.add")}</Button>
        )}
      </div>
      <search className="filters">
        <TextInput
          type="search"
          label={t("staff.search")}
          value={filters.search}
          onChange={event => set({ search: event.currentTarget.value })}
        />
        <Select
          label={t("staff.branch")}
          value={filters.branch}
          onChange={branch => set({ branch })}
          data={options(words.data?.branches)}
        />
        <Select
          label={t("staff.role")}
          value={filters.role}
          onChange={role => set({ role })}
          data={options(words.data?.roles.filter(one => !one.archived))}
        />
        <Select
          label={t("staff.position")}
          value={filters.position}
          onChange={position => set({ position })}
          data={options(words.data?.positions.filter(one => !one.archived))}
        />
        <Checkbox
          label={t("staff.only-dismissed")}
          checked={filters.dismissed}
          onChange={event => set({ dismissed: event.currentTarget.checked })}
        />
      </search>
      <div className="list">
        <Pages key={JSON.stringify(filter) + turn} filter={filter} words={words.data} />
      </div>
      {adding && words.data && (
        <AddStaffDialog
          words={words.data}
          onAdded={() => setTurn(turn + 1)}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
}

function Pages({ filter, words }: { filter: StaffFilter; words: Words | undefined }) {
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  return (
    <table>
      <thead>
        <tr>
          <th>{t("staff.name")}</th>
          <th>{t("staff.roles")}</th>
          <th>{t("staff.positions")}</th>
        </tr>
      </thead>
      {cursors.map((after, index) => (
        <Page
          key={after ?? "first"}
          filter={filter}
          words={words}
          after={after}
          onMore={index === cursors.length - 1 ? next => setCursors([...cursors, next]) : null}
        />
      ))}
    </table>
  );
}

interface PageProps {
  filter: StaffFilter;
  words: Words | undefined;
  after: string | null;
  onMore: ((cursor: string) => void) | null;
}

function Page({ filter, words, after, onMore }: PageProps) {
  const [state, again] = useQuery({
    query: StaffListDocument,
    variables: { filter, first: pageSize, after },
  });
  const staff = state.data?.staff;
  const next = staff?.pageInfo.hasNextPage ? staff.pageInfo.endCursor : null;
  const isEmpty = staff?.nodes.length === 0 && after === null;
  return (
    <tbody>
      {staff?.nodes.map(person => (
        <Row key={person.id} person={person} words={words} />
      ))}
      {(!staff || isEmpty || (onMore && next)) && (
        <tr>
          <td colSpan={3}>
            {!staff && (
              <Loaded state={state} again={again}>
                {null}
              </Loaded>
            )}
            {isEmpty && <Empty picture="search" text={t("staff.empty")} />}
            {onMore && next && (
              <div className="more-row">
                <Button variant="default" onClick={() => onMore(next)}>
                  {t("staff.more")}
                </Button>
              </div>
            )}
          </td>
        </tr>
      )}
    </tbody>
  );
}

function Row({ person, words }: { person: Line; words: Words | undefined }) {
  return (
    <tr>
      <td>
        <Link to="/admin/$section/$id" params={{ section: "staff", id: person.id }}>
          {personWords(person)}
        </Link>
        {person.dismissed && <span className="tag off">{t("staff.dismissed")}</span>}
        {!person.hasPassword && !person.dismissed && <span className="tag">{t("staff.invited")}</span>}
        {person.email && <p className="dim">{person.email}</p>}
      </td>
      <td data-label={t("staff.roles")}>
        {person.roles.length === 0 && <span className="dim">{t("staff.no-roles")}</span>}
        {person.roles.map(held => (
          <p key={held.role}>
            {named(held.name)} <span className="dim">{scopeWords(held.scope, words)}</span>
          </p>
        ))}
      </td>
      <td data-label={t("staff.positions")}>
        {person.positions.length === 0 && <span className="dim">{t("staff.no-positions")}</span>}
        {person.positions.map(one => named(one.name)).join(", ")}
      </td>
    </tr>
  );
}
