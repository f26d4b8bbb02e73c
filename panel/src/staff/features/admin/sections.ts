import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { TextId } from "../../../shared/i18n/text";

export interface Section {
  code: string;
  name: TextId;
  /** Any of these opens the section; the server decides again at each request. */
  any: readonly string[];
  /** `id` is the last part of the address: the thing that is open. */
  Page: LazyExoticComponent<ComponentType<{ id?: string }>>;
}

/** The sections of the administration, in the order of the menu; each loads its pages when it is opened. */
export const sections: Section[] = [
  {
    code: "devices",
    name: "admin.devices",
    any: ["MANAGE_DEVICES"],
    Page: lazy(() => import("./devices/devices-page").then(it => ({ default: it.DevicesPage }))),
  },
  {
    code: "journal",
    name: "admin.journal",
    any: ["READ_HISTORY"],
    Page: lazy(() => import("./journal/journal-page").then(it => ({ default: it.JournalPage }))),
  },
];

/** The sections open to somebody with these permissions. */
export function sectionsFor(permissions: readonly string[]): Section[] {
  return sections.filter(section => section.any.some(one => permissions.includes(one)));
}
