import { Button } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import {
  DefineReasonsDocument,
  ReasonsPageDocument,
  type ReasonsPageQuery,
} from "../../../../shared/gql/generated/admin-reasons";
import { type TextId, t } from "../../../../shared/i18n/text";
import { Failure } from "../../../ui/failure";
import { Loaded } from "../../../ui/loaded";
import { wholeName } from "../names";
import { Conflict, type Line } from "../setup/conflict";
import { useSave } from "../setup/save";
import { type Word, WordsEditor } from "../setup/words-editor";
import "../setup-texts";

type Known = ReasonsPageQuery["catalogue"]["reasons"];
type Lists = Omit<Known, "changed">;

/** The vocabularies, in the order of the page. */
const lists: [keyof Lists, TextId, TextId][] = [
  ["outcome", "reasons.outcome", "reasons.outcome-hint"],
  ["park", "reasons.park", "reasons.park-hint"],
  ["refuse", "reasons.refuse", "reasons.refuse-hint"],
  ["pick", "reasons.pick", "reasons.pick-hint"],
  ["pause", "reasons.pause", "reasons.pause-hint"],
  ["priority", "reasons.priority", "reasons.priority-hint"],
  ["cancel", "reasons.cancel", "reasons.cancel-hint"],
];

/** The words operators choose from: outcomes, reasons to park, to refuse, to call out of turn. */
export function ReasonsPage() {
  const [state, again] = useQuery({ query: ReasonsPageDocument, requestPolicy: "cache-and-network" });
  const known = state.data?.catalogue.reasons;
  return (
    <>
      <h1>{t("reasons.title")}</h1>
      <p className="lead">{t("reasons.lead")}</p>
      <Loaded state={state} again={again}>
        {known && <Reasons known={known} reload={() => again({ requestPolicy: "network-only" })} />}
      </Loaded>
    </>
  );
}

function Reasons({ known, reload }: { known: Known; reload: () => void }) {
  const [draft, setDraft] = useState<Lists | null>(null);
  const [theirs, setTheirs] = useState<Known | null>(null);
  // What the draft was begun from: somebody else's change must not pass for something seen.
  const [seen, setSeen] = useState<Known | null>(null);
  const [done, setDone] = useState(false);
  const { save, busy, problem } = useSave();
  const shown = draft ?? listsOf(known);
  const isWhole = lists.every(([list]) => shown[list].every(word => wholeName(word.name)));
  const change = (list: keyof Lists, words: Word[]) => {
    if (!draft) setSeen(known);
    setDone(false);
    setDraft({ ...shown, [list]: words });
  };
  const submit = async (over: Known | null) => {
    const saved = await save(DefineReasonsDocument, { reasons: shown, seen: over && listsOf(over) });
    if (saved.kind === "saved") {
      setDraft(null);
      setDone(true);
      reload();
    }
    if (saved.kind === "moved") setTheirs(saved.payload.catalogue?.reasons ?? null);
  };
  return (
    <>
      <div className="publish">
        <div className="publish-state">
          <b>{t(draft ? "reasons.not-saved" : "classes.saved")}</b>
          {draft && !isWhole && <p className="dim">{t("reasons.need-names")}</p>}
          <p role="status" className="saved">
            {done && !draft && t("classes.saved-now")}
          </p>
        </div>
        <div className="row">
          <Button variant="default" disabled={!draft} onClick={() => setDraft(null)}>
            {t("publish.drop")}
          </Button>
          <Button disabled={!draft || busy || !isWhole} onClick={() => void submit(seen)}>
            {t("admin.save")}
          </Button>
        </div>
        <Failure text={problem} />
      </div>
      {theirs && (
        <Conflict
          changed={theirs.changed}
          theirs={linesOf(listsOf(theirs))}
          mine={linesOf(shown)}
          onTakeMine={() => {
            setSeen(theirs);
            setTheirs(null);
            void submit(theirs);
          }}
          onTakeTheirs={() => {
            setDraft(null);
            setTheirs(null);
            reload();
          }}
        />
      )}
      {lists.map(([list, label, hint]) => (
        <section className="card" key={list}>
          <p className="dim">{t(hint)}</p>
          <WordsEditor label={t(label)} words={shown[list]} onChange={words => change(list, words)} />
        </section>
      ))}
    </>
  );
}

function listsOf(known: Lists): Lists {
  const words = (list: Word[]) =>
    list.map(({ code, name }) => ({ code, name: { ru: name.ru.trim(), en: name.en.trim() } }));
  const { outcome, park, refuse, pick, pause, priority, cancel } = known;
  return {
    outcome: words(outcome),
    park: words(park),
    refuse: words(refuse),
    pick: words(pick),
    pause: words(pause),
    priority: words(priority),
    cancel: words(cancel),
  };
}

const linesOf = (all: Lists): Line[] =>
  lists.map(([list, label]) => [t(label), all[list].map(word => word.name.ru).join(", ") || "—"]);
