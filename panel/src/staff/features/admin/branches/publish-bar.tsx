import { Button } from "@mantine/core";
import { useState } from "react";
import { language, t } from "../../../../shared/i18n/text";
import { dayAndTime } from "../../../../shared/time";
import type { Work } from "./draft";
import { fieldId } from "./field";
import { PublishDialog } from "./publish-dialog";
import { knownZone, placeText } from "./words";

/** What is not published yet, what waits for its time, and what was wrong at the last try. */
export function PublishBar({ work }: { work: Work }) {
  const [publishing, setPublishing] = useState(false);
  const [published, setPublished] = useState<string | null>(null);
  const { setup, draft, changes, changed } = work;
  const zone = knownZone(draft.settings.time_zone);
  const time = (at: string) => dayAndTime(at, language(), zone);
  const shown = setup.inForce;
  return (
    <div className="publish">
      <div className="publish-state">
        <b>
          {setup.version === 0
            ? t("publish.never")
            : changed
              ? t("publish.changes", { count: changes.length })
              : t("publish.nothing")}
        </b>
        {shown && (
          <p className="dim">
            {t("publish.in-force", { version: shown.version, time: time(shown.effectiveFrom) })}
            {shown.publishedBy &&
              ` · ${t("publish.by", { who: shown.publishedBy.name ?? shown.publishedBy.id })}`}
          </p>
        )}
        {setup.pending.map(one => (
          <p key={one.version}>
            {t("publish.pending", { version: one.version, time: time(one.effectiveFrom) })}
          </p>
        ))}
        <p role="status" className="saved">
          {!changed && published}
        </p>
      </div>
      <div className="row">
        <Button variant="default" disabled={!changed || setup.version === 0} onClick={() => work.begin(null)}>
          {t("publish.drop")}
        </Button>
        <Button disabled={!changed} onClick={() => setPublishing(true)}>
          {t("publish.publish")}
        </Button>
      </div>
      <Faults work={work} />
      {publishing && <PublishDialog work={work} onDone={setPublished} onClose={() => setPublishing(false)} />}
    </div>
  );
}

/** All faults at once; each leads to its field. */
function Faults({ work }: { work: Work }) {
  const faults = Object.entries(work.draft.faults);
  if (faults.length === 0) return null;
  const windows = work.draft.settings.windows;
  const label = (path: string) => {
    const index = /^windows\[(\d+)\]/.exec(path)?.[1];
    if (index) return t("set.window", { label: windows[Number(index)]?.label || Number(index) + 1 });
    const key = path.replace(/\[(\d+)\](\[\d+\])?/g, ".$1");
    return placeText(
      key,
      id => id,
      code => work.services.find(one => one.code === code)?.name ?? code,
    );
  };
  const focus = (path: string) => {
    const field = document.getElementById(fieldId(path));
    field?.scrollIntoView({ block: "center" });
    field?.focus();
  };
  return (
    <div className="conflict faults" role="alert">
      <b>{t("publish.faults")}</b>
      <ul>
        {faults.map(([path, message]) => (
          <li key={path}>
            <button type="button" onClick={() => focus(path)}>
              {label(path)}: {message}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
