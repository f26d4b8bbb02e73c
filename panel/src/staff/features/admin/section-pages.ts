import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { SectionCode } from "./sections";

/** A section's page; `id` is the last part of the address: the thing that is open. */
type SectionPage = LazyExoticComponent<ComponentType<{ id?: string }>>;

/** Each section loads its pages when it is opened. */
export const sectionPages: Record<SectionCode, SectionPage> = {
  devices: lazy(() => import("./devices/devices-page").then(it => ({ default: it.DevicesPage }))),
  integrations: lazy(() =>
    import("./integrations/integrations-page").then(it => ({ default: it.IntegrationsPage })),
  ),
  journal: lazy(() => import("./journal/journal-page").then(it => ({ default: it.JournalPage }))),
};
