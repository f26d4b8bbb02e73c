import { Checkbox } from "@mantine/core";
import { useState } from "react";
import { named, t } from "../../../../shared/i18n/text";
import { FormDialog } from "../../../ui/form-dialog";
import { codeFor } from "../code";
import { Names, wholeName } from "../names";
import { NumberField } from "../setup/number-field";
import { WordsEditor } from "../setup/words-editor";
import { type ClassFields, classFieldsOf } from "./draft";

interface Props {
  known: ClassFields | null;
  taken: string[];
  onDone: (one: ClassFields) => void;
  onClose: () => void;
}

/** One class of people: how long it may wait, and the grounds on which somebody belongs to it. */
export function ClassDialog({ known, taken, onDone, onClose }: Props) {
  const [draft, setDraft] = useState<ClassFields>(() => (known ? classFieldsOf(known) : newClass()));
  const change = (part: Partial<ClassFields>) => setDraft({ ...draft, ...part });
  const name = wholeName(draft.name);
  const wordsWhole = draft.reasons.every(word => wholeName(word.name));
  const blocked = !name
    ? t("admin.need-names")
    : !wordsWhole
      ? t("reasons.need-names")
      : draft.emergency && draft.reasons.length === 0
        ? t("classes.need-grounds")
        : null;
  return (
    <FormDialog
      title={known ? named(known.name) : t("classes.add")}
      confirm={t("windows.to-draft")}
      blocked={blocked}
      onConfirm={() => {
        if (!name) return;
        onDone({ ...draft, name, code: known?.code ?? codeFor(name.en, taken) });
        onClose();
      }}
      onClose={onClose}
    >
      <Names value={draft.name} onChange={name => change({ name })} />
      <NumberField
        label={t("classes.target")}
        unit={t("setup.min")}
        value={draft.targetSeconds / 60}
        onChange={value => change({ targetSeconds: Math.round((value ?? 0) * 60) })}
        required
      />
      <Checkbox
        label={t("classes.self-service")}
        description={t("classes.self-service-hint")}
        checked={draft.selfService}
        onChange={event => change({ selfService: event.currentTarget.checked })}
      />
      <Checkbox
        label={t("classes.emergency")}
        description={t("classes.emergency-hint")}
        checked={draft.emergency}
        disabled={known?.code === "standard"}
        onChange={event => change({ emergency: event.currentTarget.checked })}
      />
      <WordsEditor
        label={t("classes.reasons")}
        words={draft.reasons}
        onChange={reasons => change({ reasons })}
      />
    </FormDialog>
  );
}

function newClass(): ClassFields {
  const name = { ru: "", en: "" };
  return { code: "", name, targetSeconds: 900, selfService: false, emergency: false, reasons: [] };
}
