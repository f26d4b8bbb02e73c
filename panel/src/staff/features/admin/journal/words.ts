import { type LocalText, maybe, named, t } from "../../../../shared/i18n/text";
import { isFields, isSealed } from "./changes";

/** A kind of event in words; one without words is shown by its name. */
export function eventWords(type: string): string {
  return maybe(`event.${type}`) ?? type;
}

export function fieldWords(field: string): string {
  return maybe(`field.${field}`) ?? field;
}

/** A value of a fact as people read it. */
export function valueWords(value: unknown): string {
  if (value === undefined || value === null || value === "") return t("journal.nothing");
  if (typeof value === "boolean") return t(value ? "journal.yes" : "journal.no");
  if (Array.isArray(value))
    return value.length === 0 ? t("journal.nothing") : value.map(valueWords).join(", ");
  if (isSealed(value)) return t("journal.sealed");
  if (!isFields(value)) return maybe(`role.${String(value)}`) ?? String(value);
  if (typeof value.ru === "string" && typeof value.en === "string")
    return named(value as unknown as LocalText);
  if (typeof value.of === "string") return scopeWords(value);
  return Object.entries(value)
    .map(([field, part]) => `${fieldWords(field)}: ${valueWords(part)}`)
    .join("; ");
}

function scopeWords(scope: Record<string, unknown>): string {
  if (scope.of === "organisation") return t("journal.everywhere");
  return valueWords(scope[String(scope.of)] ?? []);
}
