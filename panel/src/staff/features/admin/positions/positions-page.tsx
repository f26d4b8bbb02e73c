import { Button } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import {
  ArchivePositionDocument,
  DefinePositionDocument,
  PositionsPageDocument,
  type PositionsPageQuery,
} from "../../../../shared/gql/generated/admin-positions";
import { named, t } from "../../../../shared/i18n/text";
import { useMe } from "../../../session/gate";
import { useAct } from "../../../ui/act";
import { Checks } from "../../../ui/checks";
import { Empty } from "../../../ui/empty";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Loaded } from "../../../ui/loaded";
import { codeFor } from "../code";
import { Names, wholeName } from "../names";
import "../staff-texts";

type JobPosition = PositionsPageQuery["positions"][number];

/** Positions: named sets of services that whoever works in them can give. */
export function PositionsPage() {
  const [state, again] = useQuery({ query: PositionsPageDocument });
  const [editing, setEditing] = useState<JobPosition | "new" | null>(null);
  const [leaving, setLeaving] = useState<JobPosition | null>(null);
  const { act, problem } = useAct();
  const mayManage = useMe().permissions.includes("MANAGE_STRUCTURE");
  const reload = () => again({ requestPolicy: "network-only" });
  const positions = state.data?.positions.filter(one => !one.archived) ?? [];
  const services = new Map(
    state.data?.branches.flatMap(branch => branch.services).map(one => [one.code, named(one.name)]),
  );

  const archive = async (position: JobPosition) => {
    setLeaving(null);
    await act(ArchivePositionDocument, { code: position.code });
    reload();
  };
  return (
    <>
      <div className="title">
        <h1>{t("positions.title")}</h1>
        {mayManage && <Button onClick={() => setEditing("new")}>{t("positions.add")}</Button>}
      </div>
      <p className="lead">{t("positions.lead")}</p>
      <Failure text={problem} />
      <Loaded state={state} again={again}>
        <section className="card" aria-label={t("positions.title")}>
          {positions.length === 0 && <Empty picture="tray" text={t("positions.empty")} />}
          <ul className="lines">
            {positions.map(position => (
              <li key={position.code}>
                <div>
                  <b>{named(position.name)}</b>
                  <p>
                    {position.skills.map(code => (
                      <span className="tag" key={code}>
                        {services.get(code) ?? code}
                      </span>
                    ))}
                    {position.skills.length === 0 && <span className="dim">{t("positions.no-skills")}</span>}
                  </p>
                </div>
                {mayManage && (
                  <div className="row">
                    <Button variant="subtle" onClick={() => setEditing(position)}>
                      {t("admin.edit")}
                      <span className="hidden-text"> {named(position.name)}</span>
                    </Button>
                    <Button variant="subtle" color="red" onClick={() => setLeaving(position)}>
                      {t("admin.archive")}
                      <span className="hidden-text"> {named(position.name)}</span>
                    </Button>
                  </div>
                )}
              </li>
            ))}
          </ul>
        </section>
      </Loaded>
      {editing && (
        <PositionDialog
          position={editing === "new" ? null : editing}
          taken={state.data?.positions.map(one => one.code) ?? []}
          services={services}
          onDone={reload}
          onClose={() => setEditing(null)}
        />
      )}
      {leaving && (
        <FormDialog
          title={t("admin.archive-title", { name: named(leaving.name) })}
          confirm={t("admin.archive")}
          danger
          onConfirm={() => void archive(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{t("positions.archive-text")}</p>
        </FormDialog>
      )}
    </>
  );
}

interface DialogProps {
  position: JobPosition | null;
  taken: string[];
  services: Map<string, string>;
  onDone: () => void;
  onClose: () => void;
}

function PositionDialog({ position, taken, services, onDone, onClose }: DialogProps) {
  const [name, setName] = useState(position?.name ?? { ru: "", en: "" });
  const [skills, setSkills] = useState<string[]>(position?.skills ?? []);
  const { act, busy, problem } = useAct();
  const whole = wholeName(name);
  const save = async () => {
    if (!whole) return;
    const code = position?.code ?? codeFor(whole.en, taken);
    if (!(await act(DefinePositionDocument, { code, name: whole, skills }))) return;
    onClose();
    onDone();
  };
  return (
    <FormDialog
      title={position ? named(position.name) : t("positions.add")}
      confirm={t("admin.save")}
      blocked={busy ? t("app.loading") : whole ? null : t("admin.need-names")}
      onConfirm={() => void save()}
      onClose={onClose}
    >
      <Names value={name} onChange={setName} />
      <Checks
        label={t("positions.skills")}
        options={[...services].map(([value, label]) => ({ value, label }))}
        value={skills}
        onChange={setSkills}
      />
      <Failure text={problem} />
    </FormDialog>
  );
}
