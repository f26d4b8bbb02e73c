import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useQuery } from "urql";
import { BranchSetupDocument, type BranchSetupQuery } from "../../../../shared/gql/generated/admin-branches";
import { named, t } from "../../../../shared/i18n/text";
import { type Difference, differences } from "./flat";
import { type BranchSettings, firstSettings } from "./settings";

export type Setup = BranchSetupQuery["branchSettings"];
export type Version = NonNullable<Setup["inForce"]>;

/** What somebody is working at: the version they began from, and what they have made of it. */
export interface Draft {
  version: number;
  base: BranchSettings | null;
  settings: BranchSettings;
  /** Faults the server found at the last try, by their places. */
  faults: Record<string, string>;
}

// Kept beside the pages, so that moving between branches and windows loses nothing.
const drafts = new Map<string, Draft>();
const listeners = new Set<() => void>();

function put(branch: string, draft: Draft | null): void {
  if (draft) drafts.set(branch, draft);
  else drafts.delete(branch);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Starts a draft from outside: of a branch that was just added. */
export function beginDraft(branch: string, draft: Draft): void {
  put(branch, draft);
}

/** Whether anything at all is not published yet. */
export function anyDraft(): boolean {
  return [...drafts.values()].some(isChanged);
}

const isChanged = (draft: Draft) => !draft.base || differences(draft.base, draft.settings).length > 0;

/** The newest version there is, in force or not: what one goes on from. */
export function newestOf(setup: Setup): Version | null {
  return [setup.inForce, ...setup.pending].reduce<Version | null>(
    (newest, one) => (one && (!newest || one.version > newest.version) ? one : newest),
    null,
  );
}

export const settingsOf = (version: Version) => version.settings as unknown as BranchSettings;

export function draftOf(setup: Setup): Draft {
  const newest = newestOf(setup);
  const base = newest && settingsOf(newest);
  const settings = base ?? firstSettings({ ru: "", en: "" });
  return { version: setup.version, base, settings, faults: {} };
}

export interface Work {
  setup: Setup;
  services: { code: string; name: string }[];
  draft: Draft;
  changes: Difference[];
  /** Not published yet, or never set up. */
  changed: boolean;
  change: (part: Partial<BranchSettings>) => void;
  begin: (draft: Draft | null) => void;
  reload: () => void;
  fault: (path: string) => string | null;
}

/** The settings of a branch and the draft of them. */
export function useDraft(branch: string) {
  const [state, again] = useQuery({
    query: BranchSetupDocument,
    variables: { branch },
    requestPolicy: "cache-and-network",
  });
  const kept = useSyncExternalStore(subscribe, () => drafts.get(branch));
  const setup = state.data?.branchSettings;
  const fresh = useMemo(() => (setup ? draftOf(setup) : null), [setup]);
  const draft = kept ?? fresh;
  useLeaveGuard();

  const work: Work | null =
    setup && draft
      ? {
          setup,
          services: (state.data?.catalogue.services ?? [])
            .filter(one => !one.archived)
            .map(one => ({ code: one.code, name: named(one.name) })),
          draft,
          changes: draft.base ? differences(draft.base, draft.settings) : [],
          changed: isChanged(draft),
          change: part => {
            const now = drafts.get(branch) ?? draft;
            put(branch, { ...now, settings: { ...now.settings, ...part } });
          },
          begin: next => put(branch, next),
          reload: () => again({ requestPolicy: "network-only" }),
          fault: path => draft.faults[path] ?? null,
        }
      : null;
  return { state, again, work };
}

/** Asks before the browser leaves with something unpublished. */
function useLeaveGuard(): void {
  useEffect(() => {
    const guard = (event: BeforeUnloadEvent) => {
      if (anyDraft()) event.preventDefault();
    };
    addEventListener("beforeunload", guard);
    return () => removeEventListener("beforeunload", guard);
  }, []);
}

/** Services by their codes, in words. */
export function serviceNames(work: Work, codes: readonly string[]): string {
  const name = (code: string) => work.services.find(one => one.code === code)?.name ?? code;
  return codes.length ? codes.map(name).join(", ") : t("windows.all-services");
}
