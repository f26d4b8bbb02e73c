import { useState } from "react";
import { PublishBranchSettingsDocument } from "../../../../shared/gql/generated/admin-branches";
import { language, t } from "../../../../shared/i18n/text";
import { dayAndTime, instantIn } from "../../../../shared/time";
import { command } from "../../../live/command";
import { Choice } from "../../../ui/choice";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { changedText } from "../setup/conflict";
import { ScrollBox } from "../setup/scroll-box";
import { draftOf, newestOf, type Setup, settingsOf, type Work } from "./draft";
import { carriedOver, type Difference, differences, flatten, same } from "./flat";
import type { BranchWindow } from "./settings";
import { knownZone, placeText, valueText } from "./words";

interface Props {
  work: Work;
  onDone: (what: string) => void;
  onClose: () => void;
}

type When = "now" | "later";

/** What will change and from when; and, when somebody else was faster, what they changed meanwhile. */
export function PublishDialog({ work, onDone, onClose }: Props) {
  const [when, setWhen] = useState<When>("now");
  const [local, setLocal] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [theirs, setTheirs] = useState<Setup | null>(null);
  const { draft, setup } = work;
  const zone = knownZone(draft.settings.time_zone) ?? "UTC";
  const from = when === "later" ? instantIn(zone, local) : null;

  const publish = async () => {
    setBusy(true);
    setProblem(null);
    const outcome = await command(PublishBranchSettingsDocument, {
      branch: setup.branch,
      expectedVersion: draft.version,
      effectiveFrom: from,
      settings: draft.settings as unknown as string,
    });
    setBusy(false);
    if (outcome.kind === "done" && outcome.payload.setup) {
      const after = outcome.payload.setup;
      work.begin(null);
      work.reload();
      onDone(t("publish.done", { version: after.version }));
      return onClose();
    }
    if (outcome.kind !== "refused") return setProblem(t("conflict.unreachable"));
    const payload = outcome.payload;
    if (outcome.refusal.code === "SETTINGS_MOVED" && payload?.setup) return setTheirs(payload.setup);
    if (payload?.faults.length) {
      const faults = Object.fromEntries(payload.faults.map(one => [one.path, one.message]));
      work.begin({ ...draft, faults });
      return onClose();
    }
    setProblem(outcome.refusal.message);
  };

  const takeOver = (newer: Setup) => {
    const fresh = draftOf(newer);
    const settings = draft.base ? carriedOver(draft.base, draft.settings, fresh.settings) : draft.settings;
    work.begin({ ...fresh, settings });
    work.reload();
    setTheirs(null);
  };

  if (theirs) return <Moved work={work} theirs={theirs} onTakeOver={takeOver} onClose={onClose} />;
  const soonest = setup.pending.find(one => !from || one.effectiveFrom > from);
  return (
    <FormDialog
      title={t("publish.title")}
      confirm={t("publish.publish")}
      blocked={busy ? t("app.loading") : when === "later" && !from ? t("publish.need-time") : null}
      onConfirm={() => void publish()}
      onClose={onClose}
    >
      {draft.base ? <Changes work={work} changes={work.changes} /> : <p>{t("publish.first")}</p>}
      <Choice<When>
        label={t("publish.when")}
        value={when}
        options={[
          { value: "now", label: t("publish.now") },
          { value: "later", label: t("publish.later") },
        ]}
        onChange={setWhen}
      />
      {when === "later" && (
        <label className="plain-label">
          {t("publish.from", { zone })}
          <input
            className="plain-input"
            type="datetime-local"
            value={local}
            onChange={event => setLocal(event.currentTarget.value)}
          />
        </label>
      )}
      {soonest && (
        <p className="dim">
          {t("publish.replaces", {
            version: soonest.version,
            time: dayAndTime(soonest.effectiveFrom, language(), zone),
          })}
        </p>
      )}
      <Failure text={problem} />
    </FormDialog>
  );
}

function wordsOf(work: Work, theirs: BranchWindow[] = []) {
  const window = (id: string) => {
    const found = [...work.draft.settings.windows, ...theirs, ...(work.draft.base?.windows ?? [])];
    return found.find(one => one.id === id)?.label ?? id;
  };
  const service = (code: string) => work.services.find(one => one.code === code)?.name ?? code;
  return {
    place: (key: string) => placeText(key, window, service),
    value: (key: string, value: unknown) =>
      key === "windows.order"
        ? ((value as string[] | undefined) ?? []).map(window).join(", ")
        : valueText(key, value, service),
  };
}

/** Before and after, a line each. */
function Changes({ work, changes }: { work: Work; changes: Difference[] }) {
  const words = wordsOf(work);
  return (
    <ScrollBox label={t("publish.title")}>
      <table className="versions">
        <thead>
          <tr>
            <th scope="col">{t("setup.what")}</th>
            <th scope="col">{t("publish.before")}</th>
            <th scope="col">{t("publish.after")}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(one => (
            <tr key={one.key}>
              <th scope="row">{words.place(one.key)}</th>
              <td>
                <del>{words.value(one.key, one.before)}</del>
              </td>
              <td>
                <ins>{words.value(one.key, one.after)}</ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

interface MovedProps {
  work: Work;
  theirs: Setup;
  onTakeOver: (theirs: Setup) => void;
  onClose: () => void;
}

/** «Изменил Петров в 14:20»: what they changed beside what I changed; nothing of either is lost unseen. */
function Moved({ work, theirs, onTakeOver, onClose }: MovedProps) {
  const newest = newestOf(theirs);
  const words = wordsOf(work, newest ? settingsOf(newest).windows : []);
  const { base, settings } = work.draft;
  if (!newest || !base) return null;
  const theirFlat = flatten(settingsOf(newest));
  const myFlat = flatten(settings);
  const baseFlat = flatten(base);
  const theirKeys = differences(base, settingsOf(newest)).map(one => one.key);
  const myKeys = work.changes.map(one => one.key);
  const keys = [...new Set([...theirKeys, ...myKeys])];
  const both = keys.some(
    key => theirKeys.includes(key) && myKeys.includes(key) && !same(theirFlat.get(key), myFlat.get(key)),
  );
  return (
    <FormDialog
      title={t("publish.moved")}
      confirm={t("publish.carry-over")}
      onConfirm={() => onTakeOver(theirs)}
      onClose={onClose}
    >
      <p>
        <b>{changedText({ at: newest.publishedAt, by: newest.publishedBy })}</b>
      </p>
      <ScrollBox label={t("publish.title")}>
        <table className="versions">
          <thead>
            <tr>
              <th scope="col">{t("setup.what")}</th>
              <th scope="col">{t("publish.before")}</th>
              <th scope="col">{t("setup.theirs")}</th>
              <th scope="col">{t("setup.mine")}</th>
            </tr>
          </thead>
          <tbody>
            {keys.map(key => (
              <tr key={key}>
                <th scope="row">{words.place(key)}</th>
                <td>{words.value(key, baseFlat.get(key))}</td>
                <td>{theirKeys.includes(key) ? <b>{words.value(key, theirFlat.get(key))}</b> : "—"}</td>
                <td>{myKeys.includes(key) ? <b>{words.value(key, myFlat.get(key))}</b> : "—"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <p>{t(both ? "publish.carry-over-both" : "publish.carry-over-hint")}</p>
    </FormDialog>
  );
}
