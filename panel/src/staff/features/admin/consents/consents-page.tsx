import { Button, Checkbox, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import {
  ConsentTextsDocument,
  type ConsentTextsQuery,
  PublishConsentTextDocument,
} from "../../../../shared/gql/generated/admin-consents";
import { maybe, named, t } from "../../../../shared/i18n/text";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Loaded } from "../../../ui/loaded";
import { codeFor } from "../code";
import "../people-texts";

type ConsentText = ConsentTextsQuery["consentTexts"][number];

/** What customers are asked to agree to. A text is never changed, only followed by the next version. */
export function ConsentsPage() {
  const [state, again] = useQuery({ query: ConsentTextsDocument });
  const [editing, setEditing] = useState<ConsentText | "new" | null>(null);
  const texts = state.data?.consentTexts ?? [];
  return (
    <>
      <div className="title">
        <h1>{t("consents.title")}</h1>
        <Button onClick={() => setEditing("new")}>{t("consents.add")}</Button>
      </div>
      <p className="lead">{t("consents.lead")}</p>
      <Loaded state={state} again={again}>
        {texts.length === 0 && <p className="card empty">{t("consents.empty")}</p>}
        {texts.map(text => (
          <section className="card" key={text.purpose} aria-label={text.purpose}>
            <div className="title">
              <h2>{maybe(`purpose.${text.purpose}`) ?? text.purpose}</h2>
              <Button variant="default" onClick={() => setEditing(text)}>
                {t("consents.next")}
                <span className="hidden-text"> {text.purpose}</span>
              </Button>
            </div>
            <p className="dim">
              {t("consents.version", { version: text.version })}
              {text.required && ` · ${t("consents.is-required")}`}
            </p>
            <p className="prose">{named(text.text)}</p>
          </section>
        ))}
      </Loaded>
      {editing && (
        <PublishDialog
          text={editing === "new" ? null : editing}
          taken={texts.map(one => one.purpose)}
          onDone={() => again({ requestPolicy: "network-only" })}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

interface DialogProps {
  text: ConsentText | null;
  taken: string[];
  onDone: () => void;
  onClose: () => void;
}

function PublishDialog({ text, taken, onDone, onClose }: DialogProps) {
  const [purpose, setPurpose] = useState("");
  const [ru, setRu] = useState(text?.text.ru ?? "");
  const [en, setEn] = useState(text?.text.en ?? "");
  const [required, setRequired] = useState(text?.required ?? false);
  const { act, busy, problem } = useAct();
  const isWhole = ru.trim() !== "" && en.trim() !== "" && (text !== null || purpose.trim() !== "");
  const publish = async () => {
    const input = {
      purpose: text?.purpose ?? codeFor(purpose, taken),
      version: (text?.version ?? 0) + 1,
      textRu: ru.trim(),
      textEn: en.trim(),
      required,
    };
    if (!(await act(PublishConsentTextDocument, input))) return;
    onClose();
    onDone();
  };
  return (
    <FormDialog
      title={text ? t("consents.next") : t("consents.add")}
      confirm={t("consents.publish")}
      blocked={busy ? t("app.loading") : isWhole ? null : t("consents.need-texts")}
      onConfirm={() => void publish()}
      onClose={onClose}
    >
      {!text && (
        <TextInput
          label={t("consents.purpose")}
          description={t("consents.purpose-hint")}
          value={purpose}
          maxLength={40}
          onChange={event => setPurpose(event.currentTarget.value)}
          data-autofocus
          required
        />
      )}
      <Textarea
        label={t("consents.text-ru")}
        lang="ru"
        rows={5}
        value={ru}
        onChange={event => setRu(event.currentTarget.value)}
        required
      />
      <Textarea
        label={t("consents.text-en")}
        lang="en"
        rows={5}
        value={en}
        onChange={event => setEn(event.currentTarget.value)}
        required
      />
      <Checkbox
        label={t("consents.required")}
        checked={required}
        onChange={event => setRequired(event.currentTarget.checked)}
      />
      {text && <p className="dim">{t("consents.next-text")}</p>}
      <Failure text={problem} />
    </FormDialog>
  );
}
