import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "../../../shared/i18n/text";
import { session } from "../../session/session";
import { Failure } from "../../ui/failure";
import { NewPassword } from "../../ui/new-password";
import { useSending } from "../../ui/sending";

/** The first administrator of a fresh installation. */
export function SetUpForm({ token }: { token: string }) {
  const { error, busy, send } = useSending({ WRONG_DETAILS: "problem.link-used" });
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [email = "", name = ""] = ["email", "name"].map(field => String(form.get(field)).trim());
    void send(session.enterBy("/auth/setup", { token, email, name, password }));
  };
  return (
    <form className="card" onSubmit={submit}>
      <p>{t("login.setup-lead")}</p>
      <TextInput name="name" autoComplete="name" label={t("login.name")} size="md" required autoFocus />
      <TextInput
        name="email"
        type="email"
        autoComplete="username"
        label={t("login.email")}
        size="md"
        required
      />
      <NewPassword value={password} onChange={setPassword} />
      <Failure text={error} />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {t("login.setup")}
      </Button>
    </form>
  );
}
