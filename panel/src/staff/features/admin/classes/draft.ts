import type { ClassesPageQuery } from "../../../../shared/gql/generated/admin-classes";
import { t } from "../../../../shared/i18n/text";
import type { Line } from "../setup/conflict";

export type Catalogue = ClassesPageQuery["catalogue"];
export type KnownClass = Catalogue["classes"][number];
export type ClassFields = Omit<KnownClass, "changed">;

/** What is not saved yet: classes by their codes, targets by class and service (null takes one away). */
export interface Draft {
  classes: Record<string, ClassFields>;
  targets: Record<string, number | null>;
}

export const nothing: Draft = { classes: {}, targets: {} };

export const pairOf = (of: string, service: string) => `${of}|${service}`;

export function classFieldsOf(one: ClassFields): ClassFields {
  const { code, name, targetSeconds, selfService, emergency, reasons } = one;
  return {
    code,
    name: { ru: name.ru, en: name.en },
    targetSeconds,
    selfService,
    emergency,
    reasons: reasons.map(word => ({ code: word.code, name: { ru: word.name.ru, en: word.name.en } })),
  };
}

/** The classes as they would be: changed ones in their places, new ones at the end. */
export function classesWith(catalogue: Catalogue, draft: Draft): ClassFields[] {
  const known = catalogue.classes.map(one => draft.classes[one.code] ?? classFieldsOf(one));
  const codes = new Set(catalogue.classes.map(one => one.code));
  return [...known, ...Object.values(draft.classes).filter(one => !codes.has(one.code))];
}

export function targetOf(catalogue: Catalogue, draft: Draft, of: string, service: string): number | null {
  const drafted = draft.targets[pairOf(of, service)];
  if (drafted !== undefined) return drafted;
  const found = catalogue.targets.find(one => one.class === of && one.service === service);
  return found?.targetSeconds ?? null;
}

/** What a class waits for a service when no target of the two was set: the same rule the server decides by. */
export function usualTarget(of: ClassFields, service: Catalogue["services"][number]): number {
  if (service.targetSeconds !== null) return Math.min(of.targetSeconds, service.targetSeconds);
  if (service.long && of.code === "standard") return Math.max(1800, of.targetSeconds);
  return of.targetSeconds;
}

/** A target in the draft, or none there when it says what is saved already. */
export function withTarget(
  catalogue: Catalogue,
  draft: Draft,
  of: string,
  service: string,
  seconds: number | null,
): Draft {
  const { [pairOf(of, service)]: _, ...rest } = draft.targets;
  const saved = targetOf(catalogue, nothing, of, service);
  const targets = saved === seconds ? rest : { ...rest, [pairOf(of, service)]: seconds };
  return { ...draft, targets };
}

export function changesIn(draft: Draft): number {
  return Object.keys(draft.classes).length + Object.keys(draft.targets).length;
}

/** The draft as `dryRun` takes it. */
export function changeOf(draft: Draft) {
  return {
    classes: Object.values(draft.classes),
    targets: Object.entries(draft.targets).map(([pair, targetSeconds]) => {
      const [of = "", service = ""] = pair.split("|");
      return { class: of, service, targetSeconds };
    }),
  };
}

export function classLines(one: ClassFields): Line[] {
  return [
    [t("admin.name-ru"), one.name.ru],
    [t("admin.name-en"), one.name.en],
    [t("classes.target"), t("setup.minutes", { count: one.targetSeconds / 60 })],
    [t("classes.self-service"), t(one.selfService ? "setup.yes" : "setup.no")],
    [t("classes.emergency"), t(one.emergency ? "setup.yes" : "setup.no")],
    [t("classes.reasons"), one.reasons.map(word => word.name.ru).join(", ") || "—"],
  ];
}
