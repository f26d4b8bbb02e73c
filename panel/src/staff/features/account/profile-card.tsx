import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ChangeMyProfileDocument, RemoveMyContactDocument } from "../../../shared/gql/generated/account";
import { type TextId, t } from "../../../shared/i18n/text";
import { useAct } from "../../ui/act";
import { Failure } from "../../ui/failure";
import { FormDialog } from "../../ui/form-dialog";
import { Select } from "../../ui/select";
import { AddContact } from "./add-contact";
import type { Account } from "./customer-page";

type Contact = Account["contacts"][number];

const kinds: Record<Contact["kind"], TextId> = {
  PHONE: "mine.phone",
  EMAIL: "mine.email",
  MESSENGER: "mine.messenger",
};

/** How one wants to be called and reached. */
export function ProfileCard({ account, reload }: { account: Account; reload: () => void }) {
  const [name, setName] = useState(account.name ?? "");
  const [speaks, setSpeaks] = useState(account.language ?? "");
  const [leaving, setLeaving] = useState<Contact | null>(null);
  const [saved, setSaved] = useState(false);
  const { act, busy, problem } = useAct();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setSaved(false);
    const input = { name: name.trim(), language: speaks || undefined };
    if (!(await act(ChangeMyProfileDocument, input))) return;
    setSaved(true);
    reload();
  };
  const remove = async (contact: Contact) => {
    setLeaving(null);
    await act(RemoveMyContactDocument, { contact: contact.id });
    reload();
  };
  return (
    <section className="card" aria-labelledby="profile-title">
      <h2 id="profile-title">{t("mine.profile")}</h2>
      <form className="form" onSubmit={event => void save(event)}>
        <TextInput
          label={t("mine.name")}
          description={t("mine.name-hint")}
          autoComplete="name"
          size="md"
          maxLength={120}
          value={name}
          onChange={event => setName(event.currentTarget.value)}
        />
        <Select
          label={t("mine.language")}
          value={speaks}
          onChange={setSpeaks}
          data={[
            ...(account.language ? [] : [{ value: "", label: t("mine.no-language") }]),
            { value: "ru", label: t("language.ru") },
            { value: "en", label: t("language.en") },
          ]}
        />
        <div className="row">
          <Button type="submit" loading={busy}>
            {t("mine.save")}
          </Button>
          <span role="status" className="saved">
            {saved ? t("mine.saved") : ""}
          </span>
        </div>
      </form>
      <h3>{t("mine.contacts")}</h3>
      <ul className="lines">
        {account.contacts.map(contact => (
          <li key={contact.id}>
            <div>
              <b className="contact">{contact.value}</b>
              <p className="dim">{t(kinds[contact.kind])}</p>
            </div>
            {account.contacts.length > 1 && (
              <Button variant="subtle" color="red" onClick={() => setLeaving(contact)}>
                {t("mine.remove")}
                <span className="hidden-text"> {contact.value}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {account.contacts.length === 1 && <p className="dim">{t("mine.last-contact")}</p>}
      <AddContact onAdded={reload} />
      <Failure text={problem} />
      {leaving && (
        <FormDialog
          title={t("mine.remove-title", { value: leaving.value })}
          confirm={t("mine.remove")}
          danger
          onConfirm={() => void remove(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{t("mine.remove-text")}</p>
        </FormDialog>
      )}
    </section>
  );
}
