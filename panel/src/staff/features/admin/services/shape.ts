import { t } from "../../../../shared/i18n/text";
import type { Line } from "../setup/conflict";
import type { Group, Service } from "./services-page";

/** A service as its mutations take it: what the catalogue adds of its own is left out. */
export function fieldsOf(service: Omit<Service, "archived" | "changed">) {
  const { code, group, name, normSeconds, p80Seconds, targetSeconds, long } = service;
  return { code, group, name: { ru: name.ru, en: name.en }, normSeconds, p80Seconds, targetSeconds, long };
}

export function groupFieldsOf(group: Omit<Group, "changed">) {
  const { code, name, letter, icon } = group;
  return { code, name: { ru: name.ru, en: name.en }, letter, icon };
}

export type ServiceFields = ReturnType<typeof fieldsOf>;
export type GroupFields = ReturnType<typeof groupFieldsOf>;

const minutes = (seconds: number | null) =>
  seconds === null ? "—" : t("setup.minutes", { count: Math.round((seconds / 60) * 10) / 10 });

/** A service in lines that people compare. */
export function serviceLines(service: ServiceFields, groupName: (code: string) => string): Line[] {
  return [
    [t("admin.name-ru"), service.name.ru],
    [t("admin.name-en"), service.name.en],
    [t("services.group"), groupName(service.group)],
    [t("services.norm"), minutes(service.normSeconds)],
    [t("services.p80"), minutes(service.p80Seconds)],
    [t("services.target"), minutes(service.targetSeconds)],
    [t("services.long"), t(service.long ? "setup.yes" : "setup.no")],
  ];
}

export function groupLines(group: GroupFields): Line[] {
  return [
    [t("admin.name-ru"), group.name.ru],
    [t("admin.name-en"), group.name.en],
    [t("services.letter"), group.letter],
    [t("services.icon"), group.icon ?? "—"],
  ];
}
