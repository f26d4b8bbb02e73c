import { createRootRoute, createRoute, createRouter, Outlet } from "@tanstack/react-router";
import { t } from "../shared/i18n/text";
import { DevicesPage } from "./features/admin/devices-page";
import { LoginPage } from "./features/login/login-page";
import { OperatorPage } from "./features/operator/operator-page";
import { paths } from "./paths";
import { Gate } from "./session/gate";
import { useLanguage } from "./ui/language";
import { Message } from "./ui/message";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const login = createRoute({ getParentRoute: () => root, path: paths.login, component: LoginPage });
const operator = createRoute({
  getParentRoute: () => root,
  path: paths.operator,
  component: () => (
    <Gate roles={["operator", "head", "admin"]}>
      <OperatorPage />
    </Gate>
  ),
});
const admin = createRoute({
  getParentRoute: () => root,
  path: paths.admin,
  component: () => (
    <Gate roles={["admin", "head"]}>
      <DevicesPage />
    </Gate>
  ),
});

export const router = createRouter({ routeTree: root.addChildren([login, operator, admin]) });

// The language belongs to every page, so a change draws the whole shell again.
function Shell() {
  const language = useLanguage();
  return <Outlet key={language} />;
}

function NotFound() {
  return (
    <Message
      title={t("missing.title")}
      hint={t("missing.hint")}
      action={{ label: t("login.home"), href: paths.home }}
    />
  );
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
