import { Button, Tabs } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { homeOf } from "../../../shared/homes";
import { type TextId, t } from "../../../shared/i18n/text";
import { useSession } from "../../session/session";
import { Failure } from "../../ui/failure";
import { problemText } from "../../ui/problem";
import { CodeForm } from "./code-form";
import { DoorPage } from "./door";
import { PasswordForm } from "./password-form";
import { QrPanel } from "./qr-panel";
import { SetUpForm } from "./set-up-form";
import { firstWay, lastWay, openWays, rememberWay, useWays, type Way, type Ways } from "./ways";

const noProblem = { status: 0, detail: "", field: null, retryAfterSeconds: null, more: {} };

const names: Record<Way, TextId> = {
  password: "login.way-password",
  phone: "login.way-phone",
  email: "login.way-email",
  qr: "login.way-qr",
};

/** Sign-in, or, by the one-time link of a fresh installation, the first administrator. */
export function LoginPage() {
  const state = useSession();
  const navigate = useNavigate();
  const ways = useWays();
  // The token stands after «#», so it never reaches a server's log.
  const [hash] = useState(() => new URLSearchParams(location.hash.slice(1)));
  const setup = hash.get("setup");
  // The organisation's sign-in leads back here when it did not work, with the code of what was wrong.
  const problem = hash.get("problem");
  const failed =
    problem &&
    problemText(
      { ...noProblem, code: problem },
      {
        NOT_VOUCHED_FOR: "login.oidc-unknown",
      },
    );

  useEffect(() => {
    if (setup || problem) history.replaceState(null, "", location.pathname + location.search);
  }, [setup, problem]);
  useEffect(() => {
    if (state.kind === "in") void navigate({ href: askedPage() ?? homeOf(state.me), replace: true });
  }, [state, navigate]);

  if (setup) {
    return (
      <DoorPage title={t("login.setup-title")}>
        <SetUpForm token={setup} />
      </DoorPage>
    );
  }
  return (
    <DoorPage title={t("login.title")}>
      <Failure text={failed} />
      {ways && <OpenWays ways={ways} />}
    </DoorPage>
  );
}

function OpenWays({ ways }: { ways: Ways }) {
  const open = openWays(ways);
  const asked = new URLSearchParams(location.search).get("way");
  const [way, setWay] = useState(() => firstWay(open, asked, lastWay()));
  const choose = (value: string | null) => {
    const next = open.find(one => one === value);
    if (!next) return;
    setWay(next);
    rememberWay(next);
  };
  return (
    <>
      {open.length > 1 && (
        <Tabs value={way} onChange={choose} variant="none" keepMounted={false}>
          <Tabs.List className="ways" aria-label={t("login.ways")}>
            {open.map(one => (
              <Tabs.Tab key={one} value={one}>
                {t(names[one])}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {open.map(one => (
            <Tabs.Panel key={one} value={one}>
              <WayForm way={one} />
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
      {open.length <= 1 && <WayForm way={way} />}
      {ways.oidc && (
        <Button component="a" href={oidcStart()} variant="default" size="md" fullWidth>
          {t("login.way-oidc", { name: ways.oidc.name })}
        </Button>
      )}
    </>
  );
}

function WayForm({ way }: { way: Way }) {
  switch (way) {
    case "password":
      return <PasswordForm />;
    case "phone":
    case "email":
      return <CodeForm key={way} kind={way} />;
    case "qr":
      return <QrPanel />;
  }
}

function oidcStart(): string {
  const to = askedPage();
  return to ? `/auth/oidc/start?to=${encodeURIComponent(to)}` : "/auth/oidc/start";
}

// Only a path of this site: a full address here could lead people away.
function askedPage(): string | null {
  const to = new URLSearchParams(location.search).get("to");
  return to && /^\/(?![/\\])/.test(to) ? to : null;
}
