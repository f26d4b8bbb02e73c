import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import { BranchesListDocument } from "../../../../shared/gql/generated/admin-branches";
import { named, t } from "../../../../shared/i18n/text";
import { Checks } from "../../../ui/checks";
import { FormDialog } from "../../../ui/form-dialog";
import { Loaded } from "../../../ui/loaded";
import { Select } from "../../../ui/select";
import { serviceNames, useDraft, type Work } from "../branches/draft";
import { fieldId } from "../branches/field";
import { PublishBar } from "../branches/publish-bar";
import type { BranchWindow } from "../branches/settings";
import "../setup-texts";

/** The windows of a branch: what is written above each, and what may be given there. */
export function WindowsPage() {
  const [state, again] = useQuery({ query: BranchesListDocument });
  const [chosen, choose] = useState("");
  const branches = state.data?.registeredBranches ?? [];
  const branch = branches.find(one => one.code === chosen) ?? branches[0];
  return (
    <>
      <h1>{t("windows.title")}</h1>
      <p className="lead">{t("windows.lead")}</p>
      <Loaded state={state} again={again}>
        {branches.length === 0 && <p className="empty">{t("branches.empty")}</p>}
        {branches.length > 1 && (
          <Select
            label={t("branches.branch")}
            value={branch?.code ?? ""}
            onChange={choose}
            data={branches.map(one => ({ value: one.code, label: one.name ? named(one.name) : one.code }))}
          />
        )}
        {branch && <OfBranch key={branch.code} branch={branch.code} />}
      </Loaded>
    </>
  );
}

function OfBranch({ branch }: { branch: string }) {
  const { state, again, work } = useDraft(branch);
  return (
    <Loaded state={state} again={again}>
      {work && <Windows work={work} />}
    </Loaded>
  );
}

function Windows({ work }: { work: Work }) {
  const [editing, setEditing] = useState<BranchWindow | "new" | null>(null);
  const { windows } = work.draft.settings;
  const move = (index: number, by: number) => {
    const next = [...windows];
    const [moved] = next.splice(index, 1);
    if (moved) next.splice(index + by, 0, moved);
    work.change({ windows: next });
  };
  const put = (window: BranchWindow) => {
    const isKnown = windows.some(one => one.id === window.id);
    work.change({
      windows: isKnown ? windows.map(one => (one.id === window.id ? window : one)) : [...windows, window],
    });
  };
  return (
    <>
      <PublishBar work={work} />
      <section className="card" aria-label={t("windows.title")}>
        <ul className="lines">
          {windows.map((window, index) => (
            <li key={window.id} id={fieldId(`windows[${index}]`)} tabIndex={-1}>
              <span className="letter">{window.label}</span>
              <div className="what">
                <b>{t("set.window", { label: window.label })}</b>
                <p className="dim">{serviceNames(work, window.services)}</p>
                {(["id", "label", "services[0]"] as const).map(part => {
                  const path = `windows[${index}].${part}`;
                  const fault = work.fault(path);
                  return fault ? (
                    <p className="failure" key={part} id={fieldId(path)} tabIndex={-1}>
                      {fault}
                    </p>
                  ) : null;
                })}
              </div>
              <div className="row">
                <Button variant="subtle" disabled={index === 0} onClick={() => move(index, -1)}>
                  ↑<span className="hidden-text"> {t("windows.up", { label: window.label })}</span>
                </Button>
                <Button
                  variant="subtle"
                  disabled={index === windows.length - 1}
                  onClick={() => move(index, 1)}
                >
                  ↓<span className="hidden-text"> {t("windows.down", { label: window.label })}</span>
                </Button>
                <Button variant="subtle" onClick={() => setEditing(window)}>
                  {t("admin.edit")}
                  <span className="hidden-text"> {t("set.window", { label: window.label })}</span>
                </Button>
                <Button
                  variant="subtle"
                  color="red"
                  onClick={() => work.change({ windows: windows.filter(one => one.id !== window.id) })}
                >
                  {t("admin.archive")}
                  <span className="hidden-text"> {t("set.window", { label: window.label })}</span>
                </Button>
              </div>
            </li>
          ))}
        </ul>
        {windows.length === 0 && <p className="empty">{t("windows.empty")}</p>}
        <div className="row">
          <Button onClick={() => setEditing("new")}>{t("windows.add")}</Button>
        </div>
      </section>
      {editing && (
        <WindowDialog
          work={work}
          window={editing === "new" ? newWindow(windows) : editing}
          isNew={editing === "new"}
          onDone={put}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

interface DialogProps {
  work: Work;
  window: BranchWindow;
  isNew: boolean;
  onDone: (window: BranchWindow) => void;
  onClose: () => void;
}

function WindowDialog({ work, window, isNew, onDone, onClose }: DialogProps) {
  const [label, setLabel] = useState(window.label);
  const [services, setServices] = useState(window.services);
  const others = work.draft.settings.windows.filter(one => one.id !== window.id);
  const isTaken = others.some(one => one.label.trim() === label.trim());
  const blocked = !label.trim() ? t("windows.need-label") : isTaken ? t("windows.label-taken") : null;
  return (
    <FormDialog
      title={isNew ? t("windows.add") : t("set.window", { label: window.label })}
      confirm={t("windows.to-draft")}
      blocked={blocked}
      onConfirm={() => {
        onDone({ ...window, label: label.trim(), services });
        onClose();
      }}
      onClose={onClose}
    >
      <TextInput
        label={t("set.window-label")}
        description={t("windows.label-hint")}
        value={label}
        maxLength={20}
        onChange={event => setLabel(event.currentTarget.value)}
        data-autofocus
        required
      />
      <Checks
        label={t("windows.services")}
        options={work.services.map(one => ({ value: one.code, label: one.name }))}
        value={services}
        onChange={setServices}
      />
    </FormDialog>
  );
}

/** The next number nobody has, as a label and as a code. */
function newWindow(windows: BranchWindow[]): BranchWindow {
  for (let number = windows.length + 1; ; number++) {
    const [id, label] = [`w${number}`, String(number)];
    if (!windows.some(one => one.id === id || one.label === label)) return { id, label, services: [] };
  }
}
