import { useEffect, useState } from "react";
import { ColleaguesDocument, type ColleaguesQuery } from "../../../shared/gql/generated/operator";
import { language } from "../../../shared/i18n/text";
import { client } from "../../live/client";

export type Colleague = NonNullable<ColleaguesQuery["branch"]>["windows"][number];

// What the queue does not tell of, such as a break, is seen this late at most.
const renewMs = 10_000;

/** The windows of the branch, asked for anew when the queue has moved; null until the first answer. */
export function useColleagues(branch: string, position: string | undefined): Colleague[] | null {
  const [windows, setWindows] = useState<Colleague[] | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn(last => last + 1), renewMs);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    let latest = true;
    void client
      .query(ColleaguesDocument, { code: branch })
      .toPromise()
      .then(({ data }) => {
        // What was seen last stays while the line is down.
        if (latest && data?.branch) setWindows([...data.branch.windows].sort(byLabel));
      });
    return () => {
      latest = false;
    };
  }, [branch, position, turn]);
  return windows;
}

const byLabel = (a: Colleague, b: Colleague) => a.label.localeCompare(b.label, language(), { numeric: true });
