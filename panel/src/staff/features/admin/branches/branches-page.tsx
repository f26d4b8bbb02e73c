import { Button, TextInput } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import {
  BranchesListDocument,
  type BranchesListQuery,
  RegisterBranchDocument,
} from "../../../../shared/gql/generated/admin-branches";
import { named, t } from "../../../../shared/i18n/text";
import { paths } from "../../../paths";
import { useMe } from "../../../session/gate";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Loaded } from "../../../ui/loaded";
import { Select } from "../../../ui/select";
import { codeFor } from "../code";
import { Exchange } from "../exchange/exchange";
import { Names, wholeName } from "../names";
import { BranchEditor } from "./branch-editor";
import { beginDraft, useDraft } from "./draft";
import { firstSettings } from "./settings";
import "../setup-texts";

type List = BranchesListQuery;

/** The branches of the house, or one of them with everything it decides for itself. */
export function BranchesPage({ id }: { id?: string }) {
  return id ? <OneBranch key={id} code={id} /> : <BranchList />;
}

function BranchList() {
  const [state, again] = useQuery({ query: BranchesListDocument, requestPolicy: "cache-and-network" });
  const [adding, setAdding] = useState(false);
  const mayAdd = useMe().permissions.includes("MANAGE_CATALOGUE");
  const branches = state.data?.registeredBranches ?? [];
  const regionName = (code: string | null | undefined) => {
    const region = state.data?.regions.find(one => one.code === code);
    return region ? named(region.name) : "—";
  };
  return (
    <>
      <div className="title">
        <h1>{t("branches.title")}</h1>
        {mayAdd && <Button onClick={() => setAdding(true)}>{t("branches.add")}</Button>}
      </div>
      <p className="lead">{t("branches.lead")}</p>
      <Loaded state={state} again={again}>
        <Exchange
          what="BRANCHES"
          mayImport={mayAdd}
          onDone={() => again({ requestPolicy: "network-only" })}
        />
        {branches.length === 0 && <p className="empty">{t("branches.empty")}</p>}
        {branches.length > 0 && (
          <div className="list">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("branches.branch")}</th>
                  <th scope="col">{t("branches.address")}</th>
                  <th scope="col">{t("branches.region")}</th>
                  <th scope="col">{t("branches.windows")}</th>
                </tr>
              </thead>
              <tbody>
                {branches.map(branch => (
                  <tr key={branch.code}>
                    <td>
                      <Link to="/admin/$section/$id" params={{ section: "branches", id: branch.code }}>
                        {branch.name ? named(branch.name) : branch.code}
                      </Link>
                      {branch.version === 0 && <span className="tag off">{t("branches.not-set-up")}</span>}
                      {branch.public === false && <span className="tag">{t("branches.not-public")}</span>}
                    </td>
                    <td data-label={t("branches.address")}>{branch.address ?? "—"}</td>
                    <td data-label={t("branches.region")}>{regionName(branch.region)}</td>
                    <td data-label={t("branches.windows")}>{branch.windows}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {adding && state.data && <AddBranch list={state.data} onClose={() => setAdding(false)} />}
    </>
  );
}

function AddBranch({ list, onClose }: { list: List; onClose: () => void }) {
  const [name, setName] = useState({ ru: "", en: "" });
  const [typed, setTyped] = useState("");
  const [region, setRegion] = useState("");
  const { act, busy, problem } = useAct();
  const navigate = useNavigate();
  const whole = wholeName(name);
  const taken = list.registeredBranches.map(one => one.code);
  const code = typed || codeFor(name.en, taken);
  const isCode = /^[a-z0-9-]{1,40}$/.test(code);
  const save = async () => {
    if (!whole) return;
    if (!(await act(RegisterBranchDocument, { code, region: region || null }))) return;
    // Its settings begin as a draft: it opens when they are published.
    beginDraft(code, { version: 0, base: null, settings: firstSettings(whole), faults: {} });
    void navigate({ href: `${paths.admin}/branches/${code}` });
  };
  const blocked = busy
    ? t("app.loading")
    : !whole
      ? t("admin.need-names")
      : !isCode
        ? t("branches.code-hint")
        : null;
  return (
    <FormDialog
      title={t("branches.add")}
      confirm={t("branches.add-confirm")}
      blocked={blocked}
      onConfirm={() => void save()}
      onClose={onClose}
    >
      <Names value={name} onChange={setName} />
      <TextInput
        label={t("setup.code")}
        description={t("branches.code-hint")}
        value={typed}
        placeholder={code}
        maxLength={40}
        onChange={event => setTyped(event.currentTarget.value.trim().toLowerCase())}
      />
      {list.regions.length > 0 && (
        <Select
          label={t("branches.region")}
          value={region}
          onChange={setRegion}
          data={[
            { value: "", label: "—" },
            ...list.regions.map(one => ({ value: one.code, label: named(one.name) })),
          ]}
        />
      )}
      <Failure text={problem} />
    </FormDialog>
  );
}

function OneBranch({ code }: { code: string }) {
  const { state, again, work } = useDraft(code);
  return (
    <>
      <p>
        <Link to="/admin/$section" params={{ section: "branches" }}>
          ← {t("branches.all")}
        </Link>
      </p>
      <Loaded state={state} again={again}>
        {work && <BranchEditor work={work} />}
      </Loaded>
    </>
  );
}
