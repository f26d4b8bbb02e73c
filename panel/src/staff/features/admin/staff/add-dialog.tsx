import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { AddStaffDocument, type AddStaffMutation } from "../../../../shared/gql/generated/admin-staff";
import { named, t } from "../../../../shared/i18n/text";
import { useAct } from "../../../ui/act";
import { Checks } from "../../../ui/checks";
import { Dialog } from "../../../ui/dialog";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Select } from "../../../ui/select";
import { InvitationLink } from "./invitation";
import { isScopeEmpty, type ScopeChoice, scopeInput } from "./scope";
import { ScopeField } from "./scope-field";
import type { Words } from "./words";

interface Props {
  words: Words;
  onAdded: () => void;
  onClose: () => void;
}

type Invitation = AddStaffMutation["addStaff"]["invitation"];

/** Somebody new: who, in which role, where; then the invitation. */
export function AddStaffDialog({ words, onAdded, onClose }: Props) {
  const roles = words.roles.filter(one => one.mayGrant && !one.archived);
  const positions = words.positions.filter(one => !one.archived);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState(roles[0]?.code ?? "");
  const [where, setWhere] = useState<ScopeChoice>({ of: "branches", regions: [], branches: [] });
  const [chosen, setChosen] = useState<string[]>([]);
  const [added, setAdded] = useState<{ name: string; invitation: Invitation } | null>(null);
  const { act, busy, problem } = useAct();

  const add = async () => {
    const made = await act(AddStaffDocument, {
      name: name.trim(),
      email: email.trim(),
      roles: role ? [{ role, scope: scopeInput(where) }] : [],
      positions: chosen,
    });
    if (!made) return;
    setAdded({ name: name.trim(), invitation: made.invitation });
    onAdded();
  };
  if (added) {
    return (
      <Dialog title={t("staff.added", { name: added.name })} onClose={onClose}>
        <div className="dialog">
          <InvitationLink invitation={added.invitation} />
          <footer>
            <Button onClick={onClose} data-confirm>
              {t("dialog.close")}
            </Button>
          </footer>
        </div>
      </Dialog>
    );
  }
  const blocked =
    !name.trim() || !email.trim()
      ? t("staff.need-name")
      : role && isScopeEmpty(where)
        ? t("staff.need-scope")
        : null;
  return (
    <FormDialog
      title={t("staff.add")}
      confirm={t("staff.add-confirm")}
      blocked={busy ? t("app.loading") : blocked}
      onConfirm={() => void add()}
      onClose={onClose}
    >
      <TextInput
        label={t("staff.full-name")}
        value={name}
        maxLength={120}
        onChange={event => setName(event.currentTarget.value)}
        data-autofocus
        required
      />
      <TextInput
        type="email"
        label={t("staff.email")}
        description={t("staff.email-hint")}
        value={email}
        maxLength={254}
        onChange={event => setEmail(event.currentTarget.value)}
        required
      />
      <Select
        label={t("staff.role")}
        value={role}
        onChange={setRole}
        data={[
          ...roles.map(one => ({ value: one.code, label: named(one.name) })),
          { value: "", label: t("staff.no-role-yet") },
        ]}
      />
      {role && <ScopeField words={words} value={where} onChange={setWhere} />}
      {positions.length > 0 && (
        <Checks
          label={t("staff.positions")}
          options={positions.map(one => ({ value: one.code, label: named(one.name) }))}
          value={chosen}
          onChange={setChosen}
        />
      )}
      <Failure text={problem} />
    </FormDialog>
  );
}
