import { TextInput } from "@mantine/core";
import { useState } from "react";
import { ChangeStaffDocument, type StaffDetailsFragment } from "../../../../shared/gql/generated/admin-staff";
import { t } from "../../../../shared/i18n/text";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";

interface Props {
  person: StaffDetailsFragment;
  onDone: () => void;
  onClose: () => void;
}

/** Another name or address; only what was changed is sent. */
export function NameDialog({ person, onDone, onClose }: Props) {
  const [name, setName] = useState(person.name ?? "");
  const [email, setEmail] = useState(person.email ?? "");
  const { act, busy, problem } = useAct();
  const changed = {
    name: name.trim() === person.name ? undefined : name.trim(),
    email: email.trim() === person.email ? undefined : email.trim(),
  };
  const isSame = changed.name === undefined && changed.email === undefined;
  const save = async () => {
    if (!(await act(ChangeStaffDocument, { staff: person.id, ...changed }))) return;
    onClose();
    onDone();
  };
  const blocked =
    !name.trim() || !email.trim() ? t("staff.need-name") : isSame ? t("staff.nothing-new") : null;
  return (
    <FormDialog
      title={t("staff.change-title")}
      confirm={t("admin.save")}
      blocked={busy ? t("app.loading") : blocked}
      onConfirm={() => void save()}
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
        value={email}
        maxLength={254}
        onChange={event => setEmail(event.currentTarget.value)}
        required
      />
      <Failure text={problem} />
    </FormDialog>
  );
}
