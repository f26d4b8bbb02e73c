import type { TextId } from "../../../shared/i18n/text";

export interface Section {
  code: SectionCode;
  name: TextId;
  /** Any of these opens the section; the server decides again at each request. */
  any: readonly string[];
}

export type SectionCode =
  | "branches"
  | "windows"
  | "services"
  | "classes"
  | "reasons"
  | "staff"
  | "roles"
  | "positions"
  | "regions"
  | "devices"
  | "integrations"
  | "customers"
  | "consents"
  | "journal";

/** The sections of the administration, in the order of the menu. */
const sections: Section[] = [
  { code: "branches", name: "admin.branches", any: ["MANAGE_BRANCH"] },
  { code: "windows", name: "admin.windows", any: ["MANAGE_BRANCH"] },
  { code: "services", name: "admin.services", any: ["MANAGE_CATALOGUE"] },
  { code: "classes", name: "admin.classes", any: ["MANAGE_CATALOGUE"] },
  { code: "reasons", name: "admin.reasons", any: ["MANAGE_CATALOGUE"] },
  { code: "staff", name: "admin.staff", any: ["READ_STAFF"] },
  { code: "roles", name: "admin.roles", any: ["READ_STAFF"] },
  { code: "positions", name: "admin.positions", any: ["READ_STRUCTURE"] },
  { code: "regions", name: "admin.regions", any: ["READ_STRUCTURE"] },
  { code: "devices", name: "admin.devices", any: ["MANAGE_DEVICES"] },
  { code: "integrations", name: "admin.integrations", any: ["MANAGE_INTEGRATIONS"] },
  { code: "customers", name: "admin.customers", any: ["FIND_CUSTOMERS"] },
  { code: "consents", name: "admin.consents", any: ["MANAGE_CONSENT_TEXTS"] },
  { code: "journal", name: "admin.journal", any: ["READ_HISTORY"] },
];

/** The sections open to somebody with these permissions. */
export function sectionsFor(permissions: readonly string[]): Section[] {
  return sections.filter(section => section.any.some(one => permissions.includes(one)));
}

/** What lets one into the administration at all. */
export const anyAdmin: readonly string[] = [...new Set(sections.flatMap(section => section.any))];
