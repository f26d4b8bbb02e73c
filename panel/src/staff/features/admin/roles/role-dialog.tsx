import { useState } from "react";
import { DefineRoleDocument } from "../../../../shared/gql/generated/admin-roles";
import { named, t } from "../../../../shared/i18n/text";
import { useAct } from "../../../ui/act";
import { Checks } from "../../../ui/checks";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { codeFor } from "../code";
import { Names, wholeName } from "../names";
import type { Permission, Role } from "./roles-page";

interface Props {
  /** None for a new one. */
  role: Role | null;
  taken: string[];
  permissions: Permission[];
  onDone: () => void;
  onClose: () => void;
}

/** A role out of permissions. What one does not hold oneself can be neither given nor taken here. */
export function RoleDialog({ role, taken, permissions, onDone, onClose }: Props) {
  const [name, setName] = useState(role?.name ?? { ru: "", en: "" });
  const [chosen, setChosen] = useState<string[]>(role?.permissions ?? []);
  const { act, busy, problem } = useAct();
  const whole = wholeName(name);
  const save = async () => {
    if (!whole) return;
    const code = role?.code ?? codeFor(whole.en, taken);
    if (!(await act(DefineRoleDocument, { role: code, name: whole, permissions: chosen }))) return;
    onClose();
    onDone();
  };
  const blocked = !whole ? t("admin.need-names") : chosen.length === 0 ? t("roles.need-permission") : null;
  return (
    <FormDialog
      title={role ? named(role.name) : t("roles.add")}
      confirm={t("admin.save")}
      blocked={busy ? t("app.loading") : blocked}
      onConfirm={() => void save()}
      onClose={onClose}
    >
      <Names value={name} onChange={setName} />
      <Checks
        label={t("roles.permissions")}
        options={permissions.map(one => ({
          value: one.code,
          label: named(one.name),
          disabled: !one.mayGrant,
        }))}
        value={chosen}
        onChange={setChosen}
      />
      <Failure text={problem} />
    </FormDialog>
  );
}
