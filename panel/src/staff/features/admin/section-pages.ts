import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { SectionCode } from "./sections";

/** A section's page; `id` is the last part of the address: the thing that is open. */
type SectionPage = LazyExoticComponent<ComponentType<{ id?: string }>>;

/** Each section loads its pages when it is opened. */
export const sectionPages: Record<SectionCode, SectionPage> = {
  branches: lazy(() => import("./branches/branches-page").then(it => ({ default: it.BranchesPage }))),
  windows: lazy(() => import("./windows/windows-page").then(it => ({ default: it.WindowsPage }))),
  services: lazy(() => import("./services/services-page").then(it => ({ default: it.ServicesPage }))),
  classes: lazy(() => import("./classes/classes-page").then(it => ({ default: it.ClassesPage }))),
  reasons: lazy(() => import("./reasons/reasons-page").then(it => ({ default: it.ReasonsPage }))),
  staff: lazy(() => import("./staff/staff-section").then(it => ({ default: it.StaffSection }))),
  roles: lazy(() => import("./roles/roles-page").then(it => ({ default: it.RolesPage }))),
  positions: lazy(() => import("./positions/positions-page").then(it => ({ default: it.PositionsPage }))),
  regions: lazy(() => import("./regions/regions-page").then(it => ({ default: it.RegionsPage }))),
  devices: lazy(() => import("./devices/devices-page").then(it => ({ default: it.DevicesPage }))),
  integrations: lazy(() =>
    import("./integrations/integrations-page").then(it => ({ default: it.IntegrationsPage })),
  ),
  customers: lazy(() => import("./customers/customers-page").then(it => ({ default: it.CustomersPage }))),
  consents: lazy(() => import("./consents/consents-page").then(it => ({ default: it.ConsentsPage }))),
  journal: lazy(() => import("./journal/journal-page").then(it => ({ default: it.JournalPage }))),
};
