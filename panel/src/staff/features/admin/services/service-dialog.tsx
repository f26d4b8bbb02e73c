import { Checkbox, TextInput } from "@mantine/core";
import { useState } from "react";
import {
  ChangeServiceDocument,
  DefineServiceDocument,
} from "../../../../shared/gql/generated/admin-services";
import { named, t } from "../../../../shared/i18n/text";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Select } from "../../../ui/select";
import { codeFor } from "../code";
import { Names, wholeName } from "../names";
import { Conflict } from "../setup/conflict";
import { NumberField } from "../setup/number-field";
import { useSave } from "../setup/save";
import type { Catalogue, Service } from "./services-page";
import { fieldsOf, type ServiceFields, serviceLines } from "./shape";

interface Props {
  service: Service | null;
  group: string;
  catalogue: Catalogue;
  onDone: () => void;
  onClose: () => void;
}

const codeForm = /^[A-Za-z0-9._-]{1,40}$/;

/** One service: its names, group and times. Somebody else's change meanwhile is shown beside one's own. */
export function ServiceDialog({ service, group, catalogue, onDone, onClose }: Props) {
  const [draft, setDraft] = useState<ServiceFields>(() => (service ? fieldsOf(service) : newService(group)));
  const [seen, setSeen] = useState(service);
  const [theirs, setTheirs] = useState<Service | null>(null);
  const { save, busy, problem } = useSave();
  const change = (part: Partial<ServiceFields>) => setDraft({ ...draft, ...part });
  const groupName = (code: string) => {
    const found = catalogue.groups.find(one => one.code === code);
    return found ? named(found.name) : code;
  };
  const name = wholeName(draft.name);
  const taken = catalogue.services.map(one => one.code);
  const code = service?.code ?? (draft.code || codeFor(draft.name.en, taken));

  const submit = async (over: Service | null) => {
    if (!name) return;
    const fields = { ...draft, name, code };
    const saved = service
      ? await save(ChangeServiceDocument, { service: fields, seen: over && fieldsOf(over) })
      : await save(DefineServiceDocument, { service: fields });
    if (saved.kind === "saved") {
      onClose();
      onDone();
    }
    if (saved.kind === "moved") {
      onDone();
      setTheirs(saved.payload.catalogue?.services.find(one => one.code === code) ?? null);
    }
  };
  return (
    <FormDialog
      title={service ? named(service.name) : t("services.add")}
      confirm={t("admin.save")}
      blocked={blockedBy(busy, name !== null, draft, service ? null : code, taken, theirs)}
      onConfirm={() => void submit(seen)}
      onClose={onClose}
    >
      {theirs && (
        <Conflict
          changed={theirs.changed}
          theirs={serviceLines(fieldsOf(theirs), groupName)}
          mine={serviceLines(draft, groupName)}
          onTakeMine={() => {
            setSeen(theirs);
            setTheirs(null);
            void submit(theirs);
          }}
          onTakeTheirs={() => {
            setSeen(theirs);
            setDraft(fieldsOf(theirs));
            setTheirs(null);
          }}
        />
      )}
      <Names value={draft.name} onChange={name => change({ name })} />
      <Select
        label={t("services.group")}
        value={draft.group}
        onChange={group => change({ group })}
        data={catalogue.groups.map(one => ({ value: one.code, label: named(one.name) }))}
      />
      <div className="pair-fields">
        <NumberField
          label={t("services.norm")}
          description={t("services.norm-hint")}
          unit={t("setup.min")}
          value={draft.normSeconds / 60 || null}
          onChange={value => change({ normSeconds: Math.round((value ?? 0) * 60) })}
          required
        />
        <NumberField
          label={t("services.p80")}
          description={t("services.p80-hint")}
          unit={t("setup.min")}
          value={draft.p80Seconds / 60 || null}
          onChange={value => change({ p80Seconds: Math.round((value ?? 0) * 60) })}
          required
        />
      </div>
      <NumberField
        label={t("services.target")}
        description={t("services.target-hint")}
        unit={t("setup.min")}
        value={draft.targetSeconds === null ? null : draft.targetSeconds / 60}
        onChange={value => change({ targetSeconds: value === null ? null : Math.round(value * 60) })}
      />
      <Checkbox
        label={t("services.long")}
        description={t("services.long-hint")}
        checked={draft.long}
        onChange={event => change({ long: event.currentTarget.checked })}
      />
      {!service && (
        <TextInput
          label={t("setup.code")}
          description={t("setup.code-hint")}
          value={draft.code}
          placeholder={code}
          maxLength={40}
          onChange={event => change({ code: event.currentTarget.value.trim() })}
        />
      )}
      <Failure text={problem} />
    </FormDialog>
  );
}

function newService(group: string): ServiceFields {
  const name = { ru: "", en: "" };
  return { code: "", group, name, normSeconds: 300, p80Seconds: 480, targetSeconds: null, long: false };
}

function blockedBy(
  busy: boolean,
  isNamed: boolean,
  draft: ServiceFields,
  newCode: string | null,
  taken: string[],
  theirs: Service | null,
): string | null {
  if (busy) return t("app.loading");
  if (theirs) return t("setup.choose-version");
  if (!isNamed) return t("admin.need-names");
  if (!draft.normSeconds || !draft.p80Seconds) return t("services.need-times");
  if (draft.p80Seconds < draft.normSeconds) return t("services.p80-smaller");
  if (newCode !== null && !codeForm.test(newCode)) return t("setup.code-hint");
  if (newCode !== null && taken.includes(newCode)) return t("setup.code-taken");
  return null;
}
