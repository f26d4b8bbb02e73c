import { useState } from "preact/hooks";
import { homeOf } from "../../shared/homes";
import { ask } from "../../shared/http";
import { language, t } from "../../shared/i18n/text";

export interface Demo {
  demo: true;
  branch: string;
  signIns: { email: string; password: string; role: string; name: string }[];
}

const roles = ["operator", "head", "admin", "analyst", "auditor"] as const;

/** The sign-ins of the demo, one press each. */
export function DemoPanel({ demo }: { demo: Demo }) {
  const [failed, setFailed] = useState(false);
  const signIn = async (email: string, password: string, role: string) => {
    const body = { email, password };
    const answer = await ask("/auth/login", { method: "POST", body, language: language() });
    if (answer.ok === true) location.assign(homeOf({ role }));
    else setFailed(true);
  };
  return (
    <section class="demo">
      <h2>{t("home.demo-title")}</h2>
      <p>{t("home.demo-lead")}</p>
      {failed && (
        <p class="failed" role="alert">
          {t("home.demo-failed")}
        </p>
      )}
      <ul>
        {demo.signIns.map(one => (
          <li key={one.email}>
            <div>
              <b>{one.name}</b>
              <span>{roleName(one.role)}</span>
              <code>
                {one.email} · {t("home.demo-password", { password: one.password })}
              </code>
            </div>
            <button type="button" class="main" onClick={() => void signIn(one.email, one.password, one.role)}>
              {t("home.demo-sign-in")}
              <span class="hidden-text"> {one.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function roleName(role: string): string {
  const known = roles.find(one => one === role);
  return known ? t(`role.${known}`) : role;
}
