import { Button } from "@mantine/core";
import { useState } from "react";
import { DryRunDocument, type DryRunQuery } from "../../../../shared/gql/generated/admin-classes";
import { language, named, t } from "../../../../shared/i18n/text";
import { clockTime } from "../../../../shared/time";
import { client } from "../../../live/client";
import { Failure } from "../../../ui/failure";
import { Select } from "../../../ui/select";
import { ScrollBox } from "../setup/scroll-box";
import type { BranchChoice } from "./classes-page";
import type { changeOf } from "./draft";

type Answer = DryRunQuery["dryRun"];

interface Props {
  branches: BranchChoice[];
  change: ReturnType<typeof changeOf>;
  changed: boolean;
}

/** Today's queue as the draft would have put it. It writes nothing. */
export function DryRun({ branches, change, changed }: Props) {
  const [chosen, choose] = useState("");
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const branch = branches.find(one => one.code === chosen) ?? branches[0];

  const run = async () => {
    if (!branch) return;
    setBusy(true);
    const input = { branch: branch.code, ...change };
    const found = await client
      .query(DryRunDocument, { input }, { requestPolicy: "network-only" })
      .toPromise();
    setBusy(false);
    setAnswer(found.data?.dryRun ?? null);
    setProblem(found.data ? (found.data.dryRun.refusal?.message ?? null) : t("problem.unreachable"));
  };
  return (
    <section className="card" aria-labelledby="dry-run">
      <h2 id="dry-run">{t("dry-run.title")}</h2>
      <p className="dim">{t("dry-run.hint")}</p>
      {branches.length > 1 && (
        <Select
          label={t("branches.branch")}
          value={branch?.code ?? ""}
          onChange={choose}
          data={branches.map(one => ({ value: one.code, label: one.name ? named(one.name) : one.code }))}
        />
      )}
      <div className="row">
        <Button variant="default" disabled={!branch || busy} onClick={() => void run()}>
          {t("dry-run.run")}
        </Button>
        {!changed && <span className="dim">{t("dry-run.no-changes")}</span>}
      </div>
      <Failure text={problem} />
      <div aria-live="polite">
        {answer && !problem && <Result answer={answer} zone={branch?.timeZone ?? undefined} />}
      </div>
    </section>
  );
}

function Result({ answer, zone }: { answer: Answer; zone?: string }) {
  if (!answer.businessDay) return <p>{t("dry-run.no-day")}</p>;
  if (answer.lines.length === 0) return <p>{t("dry-run.nobody")}</p>;
  const moved = answer.lines.filter(one => one.before.rank !== one.after.rank).length;
  const late = (when: "before" | "after") => answer.lines.filter(one => one[when].overdue).length;
  const time = (at: string) => clockTime(at, language(), zone);
  return (
    <>
      <p>
        <b>{t("dry-run.summary", { moved, total: answer.lines.length })}</b>{" "}
        {t("dry-run.late", { before: late("before"), after: late("after") })}
      </p>
      <ScrollBox label={t("dry-run.title")}>
        <table className="versions">
          <thead>
            <tr>
              <th scope="col">{t("dry-run.ticket")}</th>
              <th scope="col">{t("dry-run.who")}</th>
              <th scope="col">{t("dry-run.place")}</th>
              <th scope="col">{t("dry-run.due")}</th>
            </tr>
          </thead>
          <tbody>
            {answer.lines.map(one => {
              const by = one.before.rank - one.after.rank;
              return (
                <tr key={one.ticketId} data-moved={by !== 0 || undefined}>
                  <th scope="row">{one.number}</th>
                  <td>
                    {one.service && named(one.service)}
                    <span className="dim"> · {named(one.class)}</span>
                  </td>
                  <td className="time">
                    {one.before.rank} → <b>{one.after.rank}</b>
                    {by > 0 && <span className="tag">{t("dry-run.earlier", { count: by })}</span>}
                    {by < 0 && <span className="tag off">{t("dry-run.later", { count: -by })}</span>}
                  </td>
                  <td className="time">
                    {time(one.before.dueAt)} → {time(one.after.dueAt)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollBox>
    </>
  );
}
