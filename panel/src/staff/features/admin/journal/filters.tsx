import { TextInput } from "@mantine/core";
import { type LocalText, named, t } from "../../../../shared/i18n/text";
import { Select } from "../../../ui/select";
import type { Filters } from "./filter";
import { eventWords } from "./words";

// What an administrator looks for; the rest is found by time.
const kinds = [
  "staff.added",
  "staff.role_granted",
  "staff.role_withdrawn",
  "staff.dismissed",
  "staff.session_started",
  "staff.session_revoked",
  "staff.password_changed",
  "access.sign_in_failed",
  "access.account_locked",
  "customer.personal_data_revealed",
  "customer.erased",
  "organisation.role_changed",
  "organisation.branch_moved",
  "device.paired",
  "device.revoked",
  "branch.settings_published",
  "catalogue.service_changed",
];

interface Props {
  value: Filters;
  branches: { code: string; name: LocalText }[];
  onChange: (filters: Filters) => void;
}

export function JournalFilters({ value, branches, onChange }: Props) {
  const set = (part: Partial<Filters>) => onChange({ ...value, ...part });
  const any = { value: "", label: t("journal.any") };
  return (
    <search className="filters">
      <TextInput
        type="date"
        label={t("journal.from")}
        value={value.from}
        onChange={event => set({ from: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label={t("journal.to")}
        value={value.to}
        onChange={event => set({ to: event.currentTarget.value })}
      />
      <Select
        label={t("journal.kind")}
        value={value.type}
        onChange={type => set({ type })}
        data={[any, ...kinds.map(kind => ({ value: kind, label: eventWords(kind) }))]}
      />
      <Select
        label={t("journal.branch")}
        value={value.branch}
        onChange={branch => set({ branch })}
        data={[any, ...branches.map(one => ({ value: one.code, label: named(one.name) }))]}
      />
      <TextInput
        label={t("journal.actor")}
        value={value.actor}
        onChange={event => set({ actor: event.currentTarget.value })}
      />
    </search>
  );
}
