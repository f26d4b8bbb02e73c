/** Every link of the staff shell is built here. */
export const paths = {
  home: "/",
  login: "/login",
  recover: "/login/recover",
  invite: "/login/invite",
  operator: "/operator",
  account: "/me",
  admin: "/admin",
  pair: "/pair",
} as const;

const admins = ["admin", "auditor"];
const atWindows = ["operator", "head"];

/** The page somebody starts at. A role of the house's own may open anything, so its people choose on their page. */
export function homeOf(me: { role: string; kind?: string }): string {
  if (me.kind === "CUSTOMER") return paths.account;
  if (admins.includes(me.role)) return paths.admin;
  return atWindows.includes(me.role) ? paths.operator : paths.account;
}
