import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { EraseMeDocument } from "../../../shared/gql/generated/account";
import { t } from "../../../shared/i18n/text";
import { session } from "../../session/session";
import { useAct } from "../../ui/act";
import { Failure } from "../../ui/failure";
import { FormDialog } from "../../ui/form-dialog";
import { useSending } from "../../ui/sending";

/** A copy of everything, and the end of everything. */
export function DataCard() {
  const { error, busy, send } = useSending();
  const [asking, setAsking] = useState(false);
  const [word, setWord] = useState("");
  const { act, busy: erasing, problem } = useAct();

  const download = async () => {
    const answer = await send(session.ask<unknown>("/api/v1/me/export"));
    if (answer.ok !== true) return;
    const file = new Blob([JSON.stringify(answer.body, null, 2)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "talon-my-data.json";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const erase = async () => {
    if (await act(EraseMeDocument, {})) session.ended();
  };
  const expected = t("mine.erase-word");
  const isMeant = word.trim().toLowerCase() === expected.toLowerCase();
  return (
    <section className="card" aria-labelledby="data-title">
      <h2 id="data-title">{t("mine.data")}</h2>
      <p className="dim">{t("mine.data-lead")}</p>
      <Failure text={error} />
      <div className="row">
        <Button variant="default" loading={busy} onClick={() => void download()}>
          {t("mine.download")}
        </Button>
        <Button variant="subtle" color="red" onClick={() => setAsking(true)}>
          {t("mine.erase")}
        </Button>
      </div>
      {asking && (
        <FormDialog
          title={t("mine.erase-title")}
          confirm={t("mine.erase")}
          danger
          blocked={erasing ? t("app.loading") : isMeant ? null : t("mine.erase-need", { word: expected })}
          onConfirm={() => void erase()}
          onClose={() => setAsking(false)}
        >
          <p>{t("mine.erase-text")}</p>
          <TextInput
            label={t("mine.erase-label", { word: expected })}
            value={word}
            autoComplete="off"
            onChange={event => setWord(event.currentTarget.value)}
            data-autofocus
            required
          />
          <Failure text={problem} />
        </FormDialog>
      )}
    </section>
  );
}
