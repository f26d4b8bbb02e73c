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
