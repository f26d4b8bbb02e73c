import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from "@tanstack/react-router";
import { t } from "../shared/i18n/text";
import { paths } from "./paths";
import { useLanguage } from "./ui/language";
import { Message } from "./ui/message";

// Each group of pages is a chunk of its own: an operator's shift never loads the administration.
const login = () => import("./features/login/login-pages");
const operator = () => import("./features/operator/operator-home");
const account = () => import("./features/account/account-pages");
const admin = () => import("./features/admin/admin-pages");

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const under = <const P extends string>(path: P, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

const adminRoute = under(paths.admin, lazyRouteComponent(admin, "AdminShell"));
const adminIndex = createRoute({
  getParentRoute: () => adminRoute,
  path: "/",
  component: lazyRouteComponent(admin, "AdminIndex"),
});
const adminSection = createRoute({
  getParentRoute: () => adminRoute,
  path: "$section",
  component: lazyRouteComponent(admin, "AdminSection"),
});
const adminThing = createRoute({
  getParentRoute: () => adminRoute,
  path: "$section/$id",
  component: lazyRouteComponent(admin, "AdminSection"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    under(paths.login, lazyRouteComponent(login, "LoginPage")),
    under(paths.recover, lazyRouteComponent(login, "RecoverPage")),
    under(paths.invite, lazyRouteComponent(login, "InvitePage")),
    under("/login/qr/$id", lazyRouteComponent(login, "ConfirmPage")),
    under(paths.operator, lazyRouteComponent(operator, "OperatorHome")),
    under(paths.account, lazyRouteComponent(account, "AccountPage")),
    adminRoute.addChildren([adminIndex, adminSection, adminThing]),
  ]),
  defaultPendingComponent: () => <Message title={t("app.loading")} />,
  defaultPendingMs: 300,
});

// The language belongs to every page, so a change draws the whole shell again.
function Shell() {
  const language = useLanguage();
  return <Outlet key={language} />;
}

function NotFound() {
  return (
    <Message
      picture="signpost"
      title={t("missing.title")}
      hint={t("missing.hint")}
      action={{ label: t("shell.home"), href: paths.home }}
    />
  );
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
