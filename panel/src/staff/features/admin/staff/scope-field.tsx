import { named, t } from "../../../../shared/i18n/text";
import { Checks } from "../../../ui/checks";
import { Choice } from "../../../ui/choice";
import type { ScopeChoice } from "./scope";
import type { Words } from "./words";

interface Props {
  words: Words;
  value: ScopeChoice;
  onChange: (value: ScopeChoice) => void;
}

/** Where a role holds. */
export function ScopeField({ words, value, onChange }: Props) {
  const options = [
    { value: "organisation" as const, label: t("staff.everywhere") },
    { value: "branches" as const, label: t("staff.in-branches") },
    ...(words.regions.length > 0 ? [{ value: "regions" as const, label: t("staff.in-regions") }] : []),
  ];
  const list = value.of === "regions" ? words.regions : words.branches;
  return (
    <>
      <Choice
        label={t("staff.where")}
        value={value.of}
        options={options}
        onChange={of => onChange({ ...value, of })}
      />
      {value.of !== "organisation" && (
        <Checks
          label={t(value.of === "regions" ? "staff.regions" : "staff.branches")}
          options={list.map(one => ({ value: one.code, label: named(one.name) }))}
          value={value[value.of]}
          onChange={codes => onChange({ ...value, [value.of]: codes })}
        />
      )}
    </>
  );
}
