import { Button } from "@mantine/core";
import { language, t } from "../../../../shared/i18n/text";
import { dayAndTime } from "../../../../shared/time";

/** What a value is called, and the value in words. */
export type Line = [name: string, value: string];

export interface ChangedBy {
  at: string;
  by?: { id: string; name?: string | null } | null;
}

interface Props {
  changed: ChangedBy | null | undefined;
  theirs: Line[];
  mine: Line[];
  onTakeMine: () => void;
  onTakeTheirs: () => void;
}

/** «Изменил Петров в 14:20», with both versions side by side: nobody's work is lost without a look at it. */
export function Conflict({ changed, theirs, mine, onTakeMine, onTakeTheirs }: Props) {
  const differing = theirs.filter(([, value], index) => value !== mine[index]?.[1]);
  const mineOf = (name: string) => mine.find(one => one[0] === name)?.[1] ?? "—";
  return (
    <section className="conflict" role="alert">
      <b>{changedText(changed)}</b>
      <table className="versions">
        <thead>
          <tr>
            <th scope="col">{t("setup.what")}</th>
            <th scope="col">{t("setup.theirs")}</th>
            <th scope="col">{t("setup.mine")}</th>
          </tr>
        </thead>
        <tbody>
          {differing.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
              <td>
                <b>{mineOf(name)}</b>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row">
        <Button variant="default" onClick={onTakeTheirs}>
          {t("setup.take-theirs")}
        </Button>
        <Button onClick={onTakeMine}>{t("setup.take-mine")}</Button>
      </div>
    </section>
  );
}

export function changedText(changed: ChangedBy | null | undefined): string {
  if (!changed) return t("setup.changed-meanwhile");
  const time = dayAndTime(changed.at, language());
  const who = changed.by ? (changed.by.name ?? changed.by.id) : t("setup.the-house");
  return t("setup.changed-by", { who, time });
}
