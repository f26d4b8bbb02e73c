import type { StaffLineFragment, StaffWordsQuery } from "../../../../shared/gql/generated/admin-staff";
import { named, t } from "../../../../shared/i18n/text";

export type Words = StaffWordsQuery;
export type Line = StaffLineFragment;
type Scope = Line["roles"][number]["scope"];

/** Where a role holds, in the names of the house. */
export function scopeWords(scope: Scope, words: Words | undefined): string {
  if (scope.organisation) return t("staff.everywhere");
  const region = (code: string) => words?.regions.find(one => one.code === code);
  const branch = (code: string) => words?.branches.find(one => one.code === code);
  const names = [
    ...scope.regions.map(code => [code, region(code)] as const),
    ...scope.branches.map(code => [code, branch(code)] as const),
  ].map(([code, thing]) => (thing ? named(thing.name) : code));
  return names.length > 0 ? names.join(", ") : t("staff.nowhere");
}

/** A person as colleagues call them; whose name one may not read has only a code. */
export function personWords(person: { id: string; name?: string | null }): string {
  return person.name ?? person.id;
}
