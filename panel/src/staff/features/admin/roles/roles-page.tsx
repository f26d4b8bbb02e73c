import { Button } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import {
  ArchiveRoleDocument,
  RolesPageDocument,
  type RolesPageQuery,
} from "../../../../shared/gql/generated/admin-roles";
import { named, t } from "../../../../shared/i18n/text";
import { useMe } from "../../../session/gate";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Loaded } from "../../../ui/loaded";
import { RoleDialog } from "./role-dialog";
import { RolesGrid } from "./roles-grid";
import "../staff-texts";

export type Role = RolesPageQuery["roles"][number];
export type Permission = RolesPageQuery["permissions"][number];

/** What each role may do; roles of the house's own are made here out of permissions. */
export function RolesPage() {
  const [state, again] = useQuery({ query: RolesPageDocument });
  const [editing, setEditing] = useState<Role | "new" | null>(null);
  const [leaving, setLeaving] = useState<Role | null>(null);
  const { act, problem } = useAct();
  const mayManage = useMe().permissions.includes("MANAGE_ROLES");
  const reload = () => again({ requestPolicy: "network-only" });
  const roles = state.data?.roles.filter(role => !role.archived) ?? [];
  const own = roles.filter(role => role.own);

  const archive = async (role: Role) => {
    setLeaving(null);
    await act(ArchiveRoleDocument, { role: role.code });
    reload();
  };
  return (
    <>
      <div className="title">
        <h1>{t("roles.title")}</h1>
        {mayManage && <Button onClick={() => setEditing("new")}>{t("roles.add")}</Button>}
      </div>
      <p className="lead">{t("roles.lead")}</p>
      <Failure text={problem} />
      <Loaded state={state} again={again}>
        {mayManage && (
          <section className="card" aria-labelledby="own-roles">
            <h2 id="own-roles">{t("roles.own")}</h2>
            {own.length === 0 && <p className="dim">{t("roles.no-own")}</p>}
            <ul className="lines">
              {own.map(role => (
                <li key={role.code}>
                  <div>
                    <b>{named(role.name)}</b>
                    <p className="dim">{t("roles.count", { count: role.permissions.length })}</p>
                  </div>
                  <div className="row">
                    <Button variant="subtle" onClick={() => setEditing(role)}>
                      {t("admin.edit")}
                      <span className="hidden-text"> {named(role.name)}</span>
                    </Button>
                    <Button variant="subtle" color="red" onClick={() => setLeaving(role)}>
                      {t("admin.archive")}
                      <span className="hidden-text"> {named(role.name)}</span>
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
          </section>
        )}
        <RolesGrid roles={roles} permissions={state.data?.permissions ?? []} />
      </Loaded>
      {editing && (
        <RoleDialog
          role={editing === "new" ? null : editing}
          taken={state.data?.roles.map(role => role.code) ?? []}
          permissions={state.data?.permissions ?? []}
          onDone={reload}
          onClose={() => setEditing(null)}
        />
      )}
      {leaving && (
        <FormDialog
          title={t("admin.archive-title", { name: named(leaving.name) })}
          confirm={t("admin.archive")}
          danger
          onConfirm={() => void archive(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{t("roles.archive-text")}</p>
        </FormDialog>
      )}
    </>
  );
}
