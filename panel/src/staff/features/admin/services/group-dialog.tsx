import { useState } from "react";
import { DefineGroupDocument } from "../../../../shared/gql/generated/admin-services";
import { named, type TextId, t } from "../../../../shared/i18n/text";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Select } from "../../../ui/select";
import { codeFor } from "../code";
import { Names, wholeName } from "../names";
import { Conflict } from "../setup/conflict";
import { useSave } from "../setup/save";
import type { Catalogue, Group } from "./services-page";
import { type GroupFields, groupFieldsOf, groupLines } from "./shape";

interface Props {
  group: Group | null;
  catalogue: Catalogue;
  onDone: () => void;
  onClose: () => void;
}

/** Pictures of the kiosk's set. */
const icons: Record<string, TextId> = {
  parcel: "icon.parcel",
  letter: "icon.letter",
  payment: "icon.payment",
  banknote: "icon.banknote",
  receipt: "icon.receipt",
  sim: "icon.sim",
  basket: "icon.basket",
  newspaper: "icon.newspaper",
  pen: "icon.pen",
  wallet: "icon.wallet",
  pension: "icon.pension",
  card: "icon.card",
  document: "icon.document",
  business: "icon.business",
  board: "icon.board",
  question: "icon.question",
};

/** A group of services: what a kiosk shows first, and the letter on its tickets. */
export function GroupDialog({ group, catalogue, onDone, onClose }: Props) {
  const [draft, setDraft] = useState<GroupFields>(() =>
    group
      ? groupFieldsOf(group)
      : { code: "", name: { ru: "", en: "" }, letter: freeLetter(catalogue), icon: null },
  );
  const [seen, setSeen] = useState(group);
  const [theirs, setTheirs] = useState<Group | null>(null);
  const { save, busy, problem } = useSave();
  const change = (part: Partial<GroupFields>) => setDraft({ ...draft, ...part });
  const name = wholeName(draft.name);
  const code =
    group?.code ??
    codeFor(
      draft.name.en,
      catalogue.groups.map(one => one.code),
    );
  const shares = catalogue.groups.filter(one => one.letter === draft.letter && one.code !== code);

  const submit = async (over: Group | null) => {
    if (!name) return;
    const saved = await save(DefineGroupDocument, {
      group: { ...draft, name, code },
      seen: over && groupFieldsOf(over),
    });
    if (saved.kind === "saved") {
      onClose();
      onDone();
    }
    if (saved.kind === "moved") {
      onDone();
      setTheirs(saved.payload.catalogue?.groups.find(one => one.code === code) ?? null);
    }
  };
  const blocked = busy
    ? t("app.loading")
    : theirs
      ? t("setup.choose-version")
      : name
        ? null
        : t("admin.need-names");
  return (
    <FormDialog
      title={group ? named(group.name) : t("services.add-group")}
      confirm={t("admin.save")}
      blocked={blocked}
      onConfirm={() => void submit(seen)}
      onClose={onClose}
    >
      {theirs && (
        <Conflict
          changed={theirs.changed}
          theirs={groupLines(groupFieldsOf(theirs))}
          mine={groupLines(draft)}
          onTakeMine={() => {
            setSeen(theirs);
            setTheirs(null);
            void submit(theirs);
          }}
          onTakeTheirs={() => {
            setSeen(theirs);
            setDraft(groupFieldsOf(theirs));
            setTheirs(null);
          }}
        />
      )}
      <Names value={draft.name} onChange={name => change({ name })} />
      <div className="pair-fields">
        <Select
          label={t("services.letter")}
          value={draft.letter}
          onChange={letter => change({ letter })}
          data={catalogue.letters.map(letter => ({ value: letter, label: letter }))}
        />
        <Select
          label={t("services.icon")}
          value={draft.icon ?? ""}
          onChange={icon => change({ icon: icon || null })}
          data={[
            { value: "", label: t("services.no-icon") },
            ...Object.entries(icons).map(([value, label]) => ({ value, label: t(label) })),
          ]}
        />
      </div>
      {shares.length > 0 && (
        <p className="dim">
          {t("services.letter-shared", { groups: shares.map(one => named(one.name)).join(", ") })}
        </p>
      )}
      <Failure text={problem} />
    </FormDialog>
  );
}

function freeLetter(catalogue: Catalogue): string {
  const free = catalogue.letters.find(letter => !catalogue.groups.some(one => one.letter === letter));
  return free ?? catalogue.letters[0] ?? "";
}
