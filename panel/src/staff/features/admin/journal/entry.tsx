import type { JournalQuery } from "../../../../shared/gql/generated/admin-journal";
import { language, maybe, t } from "../../../../shared/i18n/text";
import { dayAndTime } from "../../../../shared/time";
import { type Change, changesOf } from "./changes";
import { eventWords, fieldWords, valueWords } from "./words";

type HistoryLine = JournalQuery["history"]["nodes"][number];

/** One fact: its time, its author, what it says, and beneath it the record as it is stored. */
export function Entry({ entry }: { entry: HistoryLine }) {
  return (
    <tr className="entry">
      <td className="time">{dayAndTime(entry.at, language())}</td>
      <td>
        {maybe(`actor.${entry.actorKind.toLowerCase()}`) ?? entry.actorKind}
        <br />
        <span className="dim">{entry.actor}</span>
      </td>
      <td>
        <b>{eventWords(entry.type)}</b>
        <dl className="changes">
          {changesOf(entry.payload).map(change => (
            <ChangeLine key={change.field} change={change} />
          ))}
        </dl>
        <details>
          <summary>{t("journal.record")}</summary>
          <pre>
            {JSON.stringify(
              {
                type: entry.type,
                stream: entry.stream,
                eventId: entry.eventId,
                position: entry.position,
                correlationId: entry.correlationId,
                payload: entry.payload,
              },
              null,
              2,
            )}
          </pre>
        </details>
      </td>
    </tr>
  );
}

function ChangeLine({ change }: { change: Change }) {
  const both = "was" in change && "now" in change;
  return (
    <div>
      <dt>{fieldWords(change.field)}</dt>
      <dd>
        {"was" in change && <del>{valueWords(change.was)}</del>}
        {both && (
          <>
            <span aria-hidden="true"> → </span>
            <span className="hidden-text">{t("journal.became")}</span>
          </>
        )}
        {"now" in change && <ins>{valueWords(change.now)}</ins>}
      </dd>
    </div>
  );
}
