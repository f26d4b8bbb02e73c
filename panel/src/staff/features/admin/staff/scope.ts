export interface ScopeChoice {
  of: "organisation" | "regions" | "branches";
  regions: string[];
  branches: string[];
}

/** The scope as commands take it: one of the three. */
export function scopeInput(choice: ScopeChoice) {
  if (choice.of === "organisation") return { organisation: true };
  return choice.of === "regions" ? { regions: choice.regions } : { branches: choice.branches };
}

export function isScopeEmpty(choice: ScopeChoice): boolean {
  return choice.of !== "organisation" && choice[choice.of].length === 0;
}
