/** Every link of the staff shell is built here. */
export const paths = {
  home: "/",
  login: "/login",
  operator: "/operator",
  admin: "/admin",
  pair: "/pair",
} as const;

/** The page a role works on. */
export function homeOf(role: string): string {
  return role === "admin" ? paths.admin : paths.operator;
}
