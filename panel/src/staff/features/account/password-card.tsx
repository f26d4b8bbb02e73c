import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "../../../shared/i18n/text";
import { session } from "../../session/session";
import { Failure } from "../../ui/failure";
import { NewPassword } from "../../ui/new-password";
import { useSending } from "../../ui/sending";

/** Another password. It ends all other sign-ins, so that whoever knew the old one is out. */
export function PasswordCard({ onChanged }: { onChanged: () => void }) {
  const { error, busy, send } = useSending();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [done, setDone] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setDone(false);
    const body = { current, password: next };
    const answer = await send(session.ask("/auth/password", { method: "POST", body }));
    if (answer.ok !== true) return;
    setDone(true);
    setCurrent("");
    setNext("");
    onChanged();
  };
  return (
    <section className="card" aria-labelledby="password-title">
      <h2 id="password-title">{t("password.title")}</h2>
      <p className="dim">{t("password.lead")}</p>
      <form className="form" onSubmit={event => void submit(event)}>
        <PasswordInput
          autoComplete="current-password"
          label={t("password.current")}
          size="md"
          value={current}
          onChange={event => setCurrent(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("password.show") }}
          required
        />
        <NewPassword value={next} onChange={setNext} />
        <Failure text={error} />
        <div className="row">
          <Button type="submit" loading={busy} disabled={!current || !next}>
            {t("password.change")}
          </Button>
          <span role="status" className="saved">
            {done ? t("password.changed") : ""}
          </span>
        </div>
      </form>
    </section>
  );
}
