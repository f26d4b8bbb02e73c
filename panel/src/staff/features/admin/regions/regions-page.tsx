import { Button } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import {
  ArchiveRegionDocument,
  DefineRegionDocument,
  MoveBranchDocument,
  RegionsPageDocument,
  type RegionsPageQuery,
} from "../../../../shared/gql/generated/admin-regions";
import { named, t } from "../../../../shared/i18n/text";
import { useMe } from "../../../session/gate";
import { useAct } from "../../../ui/act";
import { Empty } from "../../../ui/empty";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Loaded } from "../../../ui/loaded";
import { Select } from "../../../ui/select";
import { codeFor } from "../code";
import { Names, wholeName } from "../names";
import "../staff-texts";

type Region = RegionsPageQuery["regions"][number];
type Branch = RegionsPageQuery["branches"][number];

/** Regions and the branches in them. Whoever acts by region acts where the region's branches are. */
export function RegionsPage() {
  const [state, again] = useQuery({ query: RegionsPageDocument });
  const [editing, setEditing] = useState<Region | "new" | null>(null);
  const [moving, setMoving] = useState<{ branch: Branch; to: string } | null>(null);
  const { act, problem } = useAct();
  const mayManage = useMe().permissions.includes("MANAGE_STRUCTURE");
  const reload = () => again({ requestPolicy: "network-only" });
  const { regions = [], branches = [] } = state.data ?? {};
  const regionOf = (branch: Branch) => regions.find(one => one.branches.includes(branch.code))?.code ?? "";
  const regionName = (code: string) => {
    const region = regions.find(one => one.code === code);
    return region ? named(region.name) : t("regions.none");
  };

  const move = async () => {
    if (!moving) return;
    setMoving(null);
    await act(MoveBranchDocument, { branch: moving.branch.code, region: moving.to || null });
    reload();
  };
  const archive = async (region: Region) => {
    await act(ArchiveRegionDocument, { code: region.code });
    reload();
  };
  return (
    <>
      <div className="title">
        <h1>{t("regions.title")}</h1>
        {mayManage && <Button onClick={() => setEditing("new")}>{t("regions.add")}</Button>}
      </div>
      <p className="lead">{t("regions.lead")}</p>
      <Failure text={problem} />
      <Loaded state={state} again={again}>
        <section className="card" aria-label={t("regions.title")}>
          {regions.length === 0 && <Empty picture="tray" text={t("regions.empty")} />}
          <ul className="lines">
            {regions.map(region => (
              <li key={region.code}>
                <div>
                  <b>{named(region.name)}</b>
                  <p className="dim">{t("regions.count", { count: region.branches.length })}</p>
                </div>
                {mayManage && (
                  <div className="row">
                    <Button variant="subtle" onClick={() => setEditing(region)}>
                      {t("admin.edit")}
                      <span className="hidden-text"> {named(region.name)}</span>
                    </Button>
                    {region.branches.length === 0 && (
                      <Button variant="subtle" color="red" onClick={() => void archive(region)}>
                        {t("admin.archive")}
                        <span className="hidden-text"> {named(region.name)}</span>
                      </Button>
                    )}
                  </div>
                )}
              </li>
            ))}
          </ul>
        </section>
        <section className="card" aria-labelledby="branches-title">
          <h2 id="branches-title">{t("regions.branches")}</h2>
          <ul className="lines">
            {branches.map(branch => (
              <li key={branch.code}>
                <b>{named(branch.name)}</b>
                {mayManage ? (
                  <Select
                    label={t("regions.of", { branch: named(branch.name) })}
                    quiet
                    value={regionOf(branch)}
                    onChange={to => setMoving({ branch, to })}
                    data={[
                      { value: "", label: t("regions.none") },
                      ...regions.map(one => ({ value: one.code, label: named(one.name) })),
                    ]}
                  />
                ) : (
                  <span>{regionName(regionOf(branch))}</span>
                )}
              </li>
            ))}
          </ul>
        </section>
      </Loaded>
      {editing && (
        <RegionDialog
          region={editing === "new" ? null : editing}
          taken={regions.map(one => one.code)}
          onDone={reload}
          onClose={() => setEditing(null)}
        />
      )}
      {moving && (
        <FormDialog
          title={t("regions.move-title", {
            branch: named(moving.branch.name),
            region: regionName(moving.to),
          })}
          confirm={t("regions.move")}
          onConfirm={() => void move()}
          onClose={() => setMoving(null)}
        >
          <p>{t("regions.move-text")}</p>
        </FormDialog>
      )}
    </>
  );
}

interface DialogProps {
  region: Region | null;
  taken: string[];
  onDone: () => void;
  onClose: () => void;
}

function RegionDialog({ region, taken, onDone, onClose }: DialogProps) {
  const [name, setName] = useState(region?.name ?? { ru: "", en: "" });
  const { act, busy, problem } = useAct();
  const whole = wholeName(name);
  const save = async () => {
    if (!whole) return;
    const code = region?.code ?? codeFor(whole.en, taken);
    if (!(await act(DefineRegionDocument, { code, name: whole }))) return;
    onClose();
    onDone();
  };
  return (
    <FormDialog
      title={region ? named(region.name) : t("regions.add")}
      confirm={t("admin.save")}
      blocked={busy ? t("app.loading") : whole ? null : t("admin.need-names")}
      onConfirm={() => void save()}
      onClose={onClose}
    >
      <Names value={name} onChange={setName} />
      <Failure text={problem} />
    </FormDialog>
  );
}
