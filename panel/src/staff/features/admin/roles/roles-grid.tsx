import { named, t } from "../../../../shared/i18n/text";
import type { Permission, Role } from "./roles-page";

/** The whole table of who may do what. On a narrow screen it scrolls sideways inside itself, its first column stays. */
export function RolesGrid({ roles, permissions }: { roles: Role[]; permissions: Permission[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keyboard
    <section className="grid-box" tabIndex={0} aria-label={t("roles.grid")}>
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">{t("roles.permission")}</th>
            {roles.map(role => (
              <th key={role.code} scope="col">
                {named(role.name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {permissions.map(permission => (
            <tr key={permission.code}>
              <th scope="row">{named(permission.name)}</th>
              {roles.map(role => (
                <td key={role.code}>
                  {role.permissions.includes(permission.code) ? (
                    <>
                      <span aria-hidden="true">✓</span>
                      <span className="hidden-text">{t("roles.may")}</span>
                    </>
                  ) : (
                    <span className="hidden-text">{t("roles.may-not")}</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
