import { Button } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import {
  ClassesPageDocument,
  DefineClassDocument,
  SetTargetDocument,
} from "../../../../shared/gql/generated/admin-classes";
import { named, t } from "../../../../shared/i18n/text";
import { Failure } from "../../../ui/failure";
import { Loaded } from "../../../ui/loaded";
import { Conflict } from "../setup/conflict";
import { useSave } from "../setup/save";
import { ClassDialog } from "./class-dialog";
import {
  type Catalogue,
  type ClassFields,
  changeOf,
  changesIn,
  classesWith,
  classFieldsOf,
  classLines,
  type Draft,
  type KnownClass,
  nothing,
} from "./draft";
import { DryRun } from "./dry-run";
import { TargetsGrid } from "./targets-grid";
import "../setup-texts";

/** Classes of people and how long each may wait: changed in a draft, tried on today's queue, then saved. */
export function ClassesPage() {
  const [state, again] = useQuery({ query: ClassesPageDocument, requestPolicy: "cache-and-network" });
  return (
    <>
      <h1>{t("classes.title")}</h1>
      <p className="lead">{t("classes.lead")}</p>
      <Loaded state={state} again={again}>
        {state.data && (
          <Classes
            catalogue={state.data.catalogue}
            branches={state.data.registeredBranches}
            reload={() => again({ requestPolicy: "network-only" })}
          />
        )}
      </Loaded>
    </>
  );
}

export interface BranchChoice {
  code: string;
  name?: { ru: string; en: string } | null;
  timeZone?: string | null;
}

interface Props {
  catalogue: Catalogue;
  branches: BranchChoice[];
  reload: () => void;
}

interface Moved {
  theirs: KnownClass;
  mine: ClassFields;
}

function Classes({ catalogue, branches, reload }: Props) {
  const [draft, setDraft] = useState<Draft>(nothing);
  const [editing, setEditing] = useState<ClassFields | "new" | null>(null);
  const [moved, setMoved] = useState<Moved | null>(null);
  const [done, setDone] = useState(false);
  const { save, busy, problem } = useSave();
  const classes = classesWith(catalogue, draft);
  const count = changesIn(draft);

  /** One after the other: what was saved leaves the draft, what was refused stays in it. */
  const saveAll = async (over: Record<string, KnownClass> = {}) => {
    let left = draft;
    for (const one of Object.values(draft.classes)) {
      const known = over[one.code] ?? catalogue.classes.find(it => it.code === one.code);
      const seen = known ? classFieldsOf(known) : null;
      const saved = await save(DefineClassDocument, { class: one, seen });
      if (saved.kind === "moved") {
        const theirs = saved.payload.catalogue?.classes.find(it => it.code === one.code);
        if (theirs) setMoved({ theirs, mine: one });
      }
      if (saved.kind !== "saved") return reload();
      const { [one.code]: _, ...rest } = left.classes;
      left = { ...left, classes: rest };
      setDraft(left);
    }
    for (const target of changeOf(draft).targets) {
      const saved = await save(SetTargetDocument, target);
      if (saved.kind !== "saved") return reload();
      const { [`${target.class}|${target.service}`]: _, ...rest } = left.targets;
      left = { ...left, targets: rest };
      setDraft(left);
    }
    setDone(true);
    reload();
  };
  return (
    <>
      <div className="publish">
        <div className="publish-state">
          <b>{count ? t("publish.changes", { count }) : t("classes.saved")}</b>
          <p role="status" className="saved">
            {done && count === 0 && t("classes.saved-now")}
          </p>
        </div>
        <div className="row">
          <Button variant="default" disabled={!count} onClick={() => setDraft(nothing)}>
            {t("publish.drop")}
          </Button>
          <Button disabled={!count || busy} onClick={() => void saveAll()}>
            {t("admin.save")}
          </Button>
        </div>
        <Failure text={problem} />
      </div>
      {moved && (
        <Conflict
          changed={moved.theirs.changed}
          theirs={classLines(moved.theirs)}
          mine={classLines(moved.mine)}
          onTakeMine={() => {
            setMoved(null);
            void saveAll({ [moved.theirs.code]: moved.theirs });
          }}
          onTakeTheirs={() => {
            const { [moved.theirs.code]: _, ...rest } = draft.classes;
            setDraft({ ...draft, classes: rest });
            setMoved(null);
          }}
        />
      )}
      <section className="card" aria-labelledby="classes-list">
        <div className="title">
          <h2 id="classes-list">{t("classes.list")}</h2>
          <Button variant="default" onClick={() => setEditing("new")}>
            {t("classes.add")}
          </Button>
        </div>
        <ul className="lines">
          {classes.map(one => (
            <li key={one.code}>
              <div className="what">
                <b>{named(one.name)}</b>
                {one.emergency && <span className="tag off">{t("classes.is-emergency")}</span>}
                {one.selfService && <span className="tag">{t("classes.is-self-service")}</span>}
                {draft.classes[one.code] && <span className="tag">{t("classes.not-saved")}</span>}
                <p className="dim">
                  {t("classes.waits", { minutes: one.targetSeconds / 60 })}
                  {one.reasons.length > 0 && ` · ${one.reasons.map(word => named(word.name)).join(", ")}`}
                </p>
              </div>
              <Button variant="subtle" onClick={() => setEditing(one)}>
                {t("admin.edit")}
                <span className="hidden-text"> {named(one.name)}</span>
              </Button>
            </li>
          ))}
        </ul>
      </section>
      <TargetsGrid catalogue={catalogue} classes={classes} draft={draft} onDraft={setDraft} />
      <DryRun branches={branches} change={changeOf(draft)} changed={count > 0} />
      {editing && (
        <ClassDialog
          known={editing === "new" ? null : editing}
          taken={classes.map(one => one.code)}
          onDone={one => setDraft({ ...draft, classes: { ...draft.classes, [one.code]: one } })}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}
