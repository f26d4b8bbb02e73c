import { Button } from "@mantine/core";
import { useState } from "react";
import {
  ChangeWebhookDocument,
  RemoveWebhookDocument,
  TestWebhookDocument,
  type WebhookFieldsFragment,
} from "../../../../shared/gql/generated/admin-integrations";
import { type LocalText, named, t } from "../../../../shared/i18n/text";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Deliveries } from "./deliveries";

interface Props {
  hook: WebhookFieldsFragment;
  branches: { code: string; name: LocalText }[];
  onEdit: () => void;
  onSecret: (secret: string) => void;
  reload: () => void;
}

/** One system that is called: about what, and how the latest calls went. */
export function WebhookCard({ hook, branches, onEdit, onSecret, reload }: Props) {
  const [open, setOpen] = useState<"remove" | "secret" | null>(null);
  const [calls, setCalls] = useState(false);
  const [turn, setTurn] = useState(0);
  const { act, busy, problem } = useAct();
  const where = hook.branches
    .map(code => branches.find(one => one.code === code))
    .map((branch, index) => (branch ? named(branch.name) : hook.branches[index]));

  const test = async () => {
    if (!(await act(TestWebhookDocument, { webhook: hook.id }))) return;
    setCalls(true);
    setTurn(turn + 1);
  };
  const remove = async () => {
    setOpen(null);
    await act(RemoveWebhookDocument, { webhook: hook.id });
    reload();
  };
  const change = async (part: { active?: boolean; newSecret?: boolean }) => {
    setOpen(null);
    const { id: webhook, url, kinds, branches: only, active } = hook;
    const made = await act(ChangeWebhookDocument, { webhook, url, kinds, branches: only, active, ...part });
    if (made?.secret) onSecret(made.secret);
    reload();
  };
  return (
    <section className="card" aria-label={hook.url}>
      <div className="title">
        <h2 className="address">{hook.url}</h2>
        <span className={hook.active ? "tag" : "tag off"}>{t(hook.active ? "hooks.on" : "hooks.off")}</span>
      </div>
      <dl className="facts-list">
        <dt>{t("hooks.kinds")}</dt>
        <dd>{hook.kinds.includes("*") ? t("hooks.all-kinds") : hook.kinds.join(", ")}</dd>
        <dt>{t("hooks.branches")}</dt>
        <dd>{where.length > 0 ? where.join(", ") : t("hooks.all-branches")}</dd>
      </dl>
      <Failure text={problem} />
      <div className="row">
        <Button variant="default" onClick={onEdit}>
          {t("admin.edit")}
        </Button>
        <Button variant="default" loading={busy} onClick={() => void test()}>
          {t("hooks.test")}
        </Button>
        <Button variant="default" onClick={() => void change({ active: !hook.active })}>
          {t(hook.active ? "hooks.switch-off" : "hooks.switch-on")}
        </Button>
        <Button variant="default" onClick={() => setOpen("secret")}>
          {t("hooks.new-secret")}
        </Button>
        <Button variant="subtle" color="red" onClick={() => setOpen("remove")}>
          {t("admin.archive")}
        </Button>
      </div>
      <details className="entry" open={calls} onToggle={event => setCalls(event.currentTarget.open)}>
        <summary>{t("hooks.calls")}</summary>
        {calls && <Deliveries key={turn} webhook={hook.id} />}
      </details>
      {open === "secret" && (
        <FormDialog
          title={t("hooks.new-secret")}
          confirm={t("hooks.new-secret")}
          onConfirm={() => void change({ newSecret: true })}
          onClose={() => setOpen(null)}
        >
          <p>{t("hooks.new-secret-text")}</p>
        </FormDialog>
      )}
      {open === "remove" && (
        <FormDialog
          title={t("admin.archive-title", { name: hook.url })}
          confirm={t("admin.archive")}
          danger
          onConfirm={() => void remove()}
          onClose={() => setOpen(null)}
        >
          <p>{t("hooks.remove-text")}</p>
        </FormDialog>
      )}
    </section>
  );
}
