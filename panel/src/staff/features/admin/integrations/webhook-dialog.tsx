import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import {
  AddWebhookDocument,
  ChangeWebhookDocument,
  EventKindsDocument,
  type WebhookFieldsFragment,
} from "../../../../shared/gql/generated/admin-integrations";
import { type LocalText, named, type TextId, t } from "../../../../shared/i18n/text";
import { useAct } from "../../../ui/act";
import { Checks } from "../../../ui/checks";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { families } from "./families";

const familyWords: Record<string, TextId> = {
  ticket: "hooks.family-ticket",
  service: "hooks.family-service",
  window: "hooks.family-window",
  day: "hooks.family-day",
  alert: "hooks.family-alert",
  staff: "hooks.family-staff",
  customer: "hooks.family-customer",
  device: "hooks.family-device",
  branch: "hooks.family-branch",
  catalogue: "hooks.family-catalogue",
  organisation: "hooks.family-organisation",
  action: "hooks.family-action",
  access: "hooks.family-access",
};

interface Props {
  /** None for a new one. */
  hook: WebhookFieldsFragment | null;
  branches: { code: string; name: LocalText }[];
  onSaved: (secret?: string | null) => void;
  onClose: () => void;
}

/** Where to call, about what and for which branches. */
export function WebhookDialog({ hook, branches, onSaved, onClose }: Props) {
  const [url, setUrl] = useState(hook?.url ?? "https://");
  const [kinds, setKinds] = useState<string[]>(hook?.kinds ?? []);
  const [only, setOnly] = useState<string[]>(hook?.branches ?? []);
  const [known] = useQuery({ query: EventKindsDocument });
  const { act, busy, problem } = useAct();
  const offered = families(known.data?.eventKinds ?? []);
  const save = async () => {
    const settings = { url: url.trim(), kinds, branches: only };
    const made = hook
      ? await act(ChangeWebhookDocument, { webhook: hook.id, active: hook.active, ...settings })
      : await act(AddWebhookDocument, settings);
    if (made) onSaved(made.secret);
  };
  const blocked = !/^https?:\/\/./.test(url.trim())
    ? t("hooks.need-url")
    : kinds.length === 0
      ? t("hooks.need-kinds")
      : null;
  return (
    <FormDialog
      title={hook ? t("hooks.edit") : t("hooks.add")}
      confirm={t("admin.save")}
      blocked={busy ? t("app.loading") : blocked}
      onConfirm={() => void save()}
      onClose={onClose}
    >
      <TextInput
        label={t("hooks.url")}
        description={t("hooks.url-hint")}
        type="url"
        value={url}
        maxLength={2000}
        onChange={event => setUrl(event.currentTarget.value)}
        data-autofocus
        required
      />
      <Checks
        label={t("hooks.kinds")}
        options={[
          { value: "*", label: t("hooks.all-kinds") },
          ...offered.map(family => ({
            value: `${family}.*`,
            label: familyWords[family] ? t(familyWords[family]) : family,
            disabled: kinds.includes("*"),
          })),
        ]}
        value={kinds}
        onChange={setKinds}
      />
      {branches.length > 1 && (
        <Checks
          label={t("hooks.only-branches")}
          options={branches.map(one => ({ value: one.code, label: named(one.name) }))}
          value={only}
          onChange={setOnly}
        />
      )}
      <Failure text={problem} />
    </FormDialog>
  );
}
