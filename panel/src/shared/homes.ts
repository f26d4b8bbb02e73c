const admins = ["admin", "auditor"];
const atWindows = ["operator", "head"];

/** The page somebody starts at. A role of the house's own may open anything, so its people choose on their page. */
export function homeOf(me: { role: string; kind?: string; mustSetUpSecondFactor?: boolean }): string {
  if (me.mustSetUpSecondFactor) return "/me";
  if (me.kind === "CUSTOMER") return "/me";
  if (admins.includes(me.role)) return "/admin";
  return atWindows.includes(me.role) ? "/operator" : "/me";
}
