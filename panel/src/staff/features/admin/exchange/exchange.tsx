import { Button } from "@mantine/core";
import { useState } from "react";
import {
  ExportSetupDocument,
  ImportSetupDocument,
  type ImportSetupMutation,
  type SetupFormat,
  type SetupKind,
} from "../../../../shared/gql/generated/admin-exchange";
import { type TextId, t } from "../../../../shared/i18n/text";
import { client } from "../../../live/client";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { ScrollBox } from "../setup/scroll-box";

type Line = ImportSetupMutation["importSetup"]["lines"][number];

interface Props {
  what: SetupKind;
  /** Whether a file may be brought in, too. */
  mayImport: boolean;
  onDone: () => void;
}

/** Everything of one kind as a file, and back: a file is looked at before anything is written. */
export function Exchange({ what, mayImport, onDone }: Props) {
  const [importing, setImporting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (format: SetupFormat) => {
    const answer = await client
      .query(ExportSetupDocument, { what, format }, { requestPolicy: "network-only" })
      .toPromise();
    const file = answer.data?.exportSetup;
    setProblem(file ? null : t("problem.unreachable"));
    if (file) download(file.name, file.text);
  };
  return (
    <div className="row exchange">
      <Button variant="subtle" onClick={() => void save("CSV")}>
        {t("exchange.csv")}
      </Button>
      <Button variant="subtle" onClick={() => void save("JSON")}>
        {t("exchange.json")}
      </Button>
      {mayImport && (
        <Button variant="subtle" onClick={() => setImporting(true)}>
          {t("exchange.import")}
        </Button>
      )}
      <Failure text={problem} />
      {importing && <ImportDialog what={what} onDone={onDone} onClose={() => setImporting(false)} />}
    </div>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const outcomes: Record<Line["outcome"], TextId> = {
  NEW: "exchange.new",
  CHANGED: "exchange.changed",
  SAME: "exchange.same",
  WRONG: "exchange.wrong",
};

interface DialogProps {
  what: SetupKind;
  onDone: () => void;
  onClose: () => void;
}

function ImportDialog({ what, onDone, onClose }: DialogProps) {
  const [file, setFile] = useState<{ text: string; format: SetupFormat } | null>(null);
  const [lines, setLines] = useState<Line[] | null>(null);
  const [applied, setApplied] = useState(false);
  const { act, busy, problem } = useAct();
  const count = (outcome: Line["outcome"]) => lines?.filter(one => one.outcome === outcome).length ?? 0;
  const toDo = count("NEW") + count("CHANGED");

  const look = async (chosen: File | undefined) => {
    setLines(null);
    setFile(null);
    if (!chosen) return;
    const format: SetupFormat = chosen.name.toLowerCase().endsWith(".json") ? "JSON" : "CSV";
    const next = { text: await chosen.text(), format };
    setFile(next);
    const answer = await act(ImportSetupDocument, { what, ...next, dryRun: true });
    setLines(answer?.lines ?? null);
  };
  const bring = async () => {
    if (applied) return onClose();
    if (!file) return;
    const answer = await act(ImportSetupDocument, { what, ...file, dryRun: false });
    if (!answer) return;
    setLines(answer.lines);
    setApplied(true);
    onDone();
  };
  const blocked = busy
    ? t("app.loading")
    : applied
      ? null
      : !lines
        ? t("exchange.choose")
        : toDo === 0
          ? t("exchange.nothing")
          : null;
  return (
    <FormDialog
      title={t("exchange.import")}
      confirm={applied ? t("exchange.close") : t("exchange.bring", { count: toDo })}
      blocked={blocked}
      onConfirm={() => void bring()}
      onClose={onClose}
    >
      <label className="plain-label">
        {t("exchange.file")}
        <input
          className="plain-input"
          type="file"
          accept=".csv,.json"
          disabled={applied}
          onChange={event => void look(event.currentTarget.files?.[0])}
        />
      </label>
      <p className="dim">{t(what === "BRANCHES" ? "exchange.hint-branches" : "exchange.hint-services")}</p>
      <Failure text={problem} />
      {lines && (
        <>
          <p role="status">
            {t(applied ? "exchange.result-done" : "exchange.result", {
              fresh: count("NEW"),
              changed: count("CHANGED"),
              same: count("SAME"),
              wrong: count("WRONG"),
            })}
          </p>
          <ScrollBox label={t("exchange.import")}>
            <table className="versions">
              <thead>
                <tr>
                  <th scope="col">{t("exchange.row")}</th>
                  <th scope="col">{t("setup.code")}</th>
                  <th scope="col">{t("exchange.outcome")}</th>
                </tr>
              </thead>
              <tbody>
                {lines
                  .filter(one => one.outcome !== "SAME")
                  .map(one => (
                    <tr key={one.row}>
                      <td className="time">{one.row}</td>
                      <th scope="row">{one.code || "—"}</th>
                      <td>
                        <span className={one.outcome === "WRONG" ? "tag off" : "tag"}>
                          {t(outcomes[one.outcome])}
                        </span>{" "}
                        {one.message}
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </ScrollBox>
        </>
      )}
    </FormDialog>
  );
}
