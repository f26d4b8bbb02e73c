import { Button } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import {
  type WebhookFieldsFragment,
  WebhooksDocument,
} from "../../../../shared/gql/generated/admin-integrations";
import { t } from "../../../../shared/i18n/text";
import { Secret } from "../../../ui/copy";
import { Dialog } from "../../../ui/dialog";
import { Loaded } from "../../../ui/loaded";
import { WebhookCard } from "./webhook-card";
import { WebhookDialog } from "./webhook-dialog";
import "../people-texts";

/** Other systems that are told of chosen events. */
export function IntegrationsPage() {
  const [state, again] = useQuery({ query: WebhooksDocument });
  const [editing, setEditing] = useState<WebhookFieldsFragment | "new" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const reload = () => again({ requestPolicy: "network-only" });
  const { webhooks = [], branches = [] } = state.data ?? {};
  return (
    <>
      <div className="title">
        <h1>{t("hooks.title")}</h1>
        <Button onClick={() => setEditing("new")}>{t("hooks.add")}</Button>
      </div>
      <p className="lead">{t("hooks.lead")}</p>
      <Loaded state={state} again={again}>
        {webhooks.length === 0 && <p className="card empty">{t("hooks.empty")}</p>}
        {webhooks.map(hook => (
          <WebhookCard
            key={hook.id}
            hook={hook}
            branches={branches}
            onEdit={() => setEditing(hook)}
            onSecret={setSecret}
            reload={reload}
          />
        ))}
      </Loaded>
      {editing && (
        <WebhookDialog
          hook={editing === "new" ? null : editing}
          branches={branches}
          onSaved={made => {
            setEditing(null);
            setSecret(made ?? null);
            reload();
          }}
          onClose={() => setEditing(null)}
        />
      )}
      {secret && (
        <Dialog title={t("hooks.secret-title")} onClose={() => setSecret(null)}>
          <div className="dialog">
            <p>{t("hooks.secret-text")}</p>
            <Secret label={t("hooks.secret")} text={secret} />
            <footer>
              <Button onClick={() => setSecret(null)} data-confirm>
                {t("hooks.secret-kept")}
              </Button>
            </footer>
          </div>
        </Dialog>
      )}
    </>
  );
}
