import { useEffect } from "react";
import { useQuery } from "urql";
import {
  type DeliveryState,
  WebhookDeliveriesDocument,
} from "../../../../shared/gql/generated/admin-integrations";
import { language, type TextId, t } from "../../../../shared/i18n/text";
import { dayAndTime } from "../../../../shared/time";
import { Loaded } from "../../../ui/loaded";

const shown = 20;
const refreshMs = 3000;
const words: Record<DeliveryState, TextId> = {
  WAITING: "hooks.state-waiting",
  SENDING: "hooks.state-sending",
  SENT: "hooks.state-sent",
  DEAD: "hooks.state-dead",
};

/** The latest calls, looked at again while the list is open. */
export function Deliveries({ webhook }: { webhook: string }) {
  const [state, again] = useQuery({
    query: WebhookDeliveriesDocument,
    variables: { webhook, first: shown },
  });
  useEffect(() => {
    const timer = setInterval(() => again({ requestPolicy: "network-only" }), refreshMs);
    return () => clearInterval(timer);
  }, [webhook]);
  const list = state.data?.webhookDeliveries ?? [];
  return (
    <Loaded state={state} again={again}>
      {list.length === 0 && <p className="dim">{t("hooks.no-calls")}</p>}
      <ul className="lines">
        {list.map(call => (
          <li key={call.id}>
            <div>
              <b>{t(words[call.state])}</b>
              {call.failure && <span className="dim"> {call.failure}</span>}
              <p className="dim">
                {dayAndTime(call.createdAt, language())} · {t("hooks.attempts", { count: call.attempts })}
                {call.nextAt && ` · ${t("hooks.next", { time: dayAndTime(call.nextAt, language()) })}`}
              </p>
            </div>
            <code className="dim">{call.eventId}</code>
          </li>
        ))}
      </ul>
    </Loaded>
  );
}
