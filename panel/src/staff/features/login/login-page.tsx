import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { t } from "../../../shared/i18n/text";
import { homeOf } from "../../paths";
import { type SignIn, session, useSession } from "../../session/session";
import { Languages } from "../../ui/language";

/** Sign-in, or, by the one-time link of a fresh installation, the first administrator. */
export function LoginPage() {
  const state = useSession();
  const navigate = useNavigate();
  // The token stands after «#», so it never reaches a server's log.
  const [setup] = useState(() => new URLSearchParams(location.hash.slice(1)).get("setup"));

  useEffect(() => {
    if (setup) history.replaceState(null, "", location.pathname);
  }, [setup]);
  useEffect(() => {
    if (state.kind === "in") void navigate({ href: askedPage() ?? homeOf(state.me.role), replace: true });
  }, [state, navigate]);
  document.title = t("login.title");

  return (
    <main className="login">
      <header>
        <img src="/icon.svg" alt="" width="40" height="40" />
        <b>{t("app.name")}</b>
        <Languages />
      </header>
      {setup ? <SetUpForm token={setup} /> : <SignInForm />}
      <a href="/">{t("login.home")}</a>
    </main>
  );
}

function SignInForm() {
  const { error, busy, send } = useSending(t("login.wrong"));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void send(session.signIn(String(form.get("email")), String(form.get("password"))));
  };
  return (
    <form onSubmit={submit}>
      <h1>{t("login.title")}</h1>
      <TextInput
        name="email"
        type="email"
        autoComplete="username"
        label={t("login.email")}
        size="md"
        required
        autoFocus
      />
      <PasswordInput
        name="password"
        autoComplete="current-password"
        label={t("login.password")}
        size="md"
        required
      />
      <Failure text={error} />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {t("login.sign-in")}
      </Button>
    </form>
  );
}

function SetUpForm({ token }: { token: string }) {
  const { error, busy, send } = useSending(t("login.setup-failed"));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [email, name, password] = ["email", "name", "password"].map(field => String(form.get(field)));
    void send(session.setUp({ token, email: email ?? "", name: name ?? "", password: password ?? "" }));
  };
  return (
    <form onSubmit={submit}>
      <h1>{t("login.setup-title")}</h1>
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
      <PasswordInput
        name="password"
        autoComplete="new-password"
        minLength={10}
        label={t("login.new-password")}
        description={t("login.password-hint")}
        size="md"
        required
      />
      <Failure text={error} />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {t("login.setup")}
      </Button>
    </form>
  );
}

function useSending(refused: string) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (answer: Promise<SignIn>) => {
    setBusy(true);
    setError(null);
    const result = await answer;
    setBusy(false);
    if (result.ok) return;
    const { problem } = result;
    if (!problem || problem.status >= 500) setError(t("login.unreachable"));
    else if (problem.status === 429)
      setError(t("login.too-many", { seconds: problem.retryAfterSeconds ?? 60 }));
    else setError(problem.status === 401 ? refused : problem.detail || refused);
  };
  return { error, busy, send };
}

function Failure({ text }: { text: string | null }) {
  return (
    <p className="failure" role="alert" hidden={!text}>
      {text}
    </p>
  );
}

// Only a path of this site: a full address here could lead people away.
function askedPage(): string | null {
  const to = new URLSearchParams(location.search).get("to");
  return to?.startsWith("/") && !to.startsWith("//") ? to : null;
}
