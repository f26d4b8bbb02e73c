import { useEffect, useRef } from "preact/hooks";
import { language, t } from "../../shared/i18n/text";
import type { PictureName } from "../../shared/pictures";
import { calendarDay, clockTime } from "../../shared/time";
import { Icon } from "../icons";
import { Picture } from "../picture";

interface Action {
  label: string;
  onPress: () => void;
  main?: boolean;
}

interface Props {
  picture?: PictureName;
  title: string;
  hint?: string | null;
  code?: string;
  quiet?: boolean;
  actions?: Action[];
}

/** One message over the whole screen: what is so, and what to do now. */
export function Notice({ picture, title, hint, code, quiet, actions = [] }: Props) {
  return (
    <section class={quiet ? "notice quiet" : "notice"} role="status">
      {picture && <Picture name={picture} />}
      <h1>{title}</h1>
      {hint && <p>{hint}</p>}
      {actions.length > 0 && (
        <div class="actions">
          {actions.map(action => (
            <button
              key={action.label}
              type="button"
              class={action.main ? "main" : ""}
              onClick={action.onPress}
            >
              {action.label}
            </button>
          ))}
        </div>
      )}
      {code && <p class="code">{code}</p>}
    </section>
  );
}

/** «Откроемся завтра в 9:00», or nothing when the branch does not say. */
export function opening(at: string | null, now: number, timeZone: string): string | null {
  if (!at) return null;
  const day = (time: number) => new Date(time).toLocaleDateString("sv-SE", { timeZone });
  const time = clockTime(at, language(), timeZone);
  const opens = Date.parse(at);
  if (day(opens) === day(now)) return t("kiosk.opens", { when: t("kiosk.opens-today", { time }) });
  if (day(opens) === day(now + 86_400_000))
    return t("kiosk.opens", { when: t("kiosk.opens-tomorrow", { time }) });
  const name = calendarDay(opens, language(), timeZone).toLowerCase();
  return t("kiosk.opens", { when: t("kiosk.opens-later", { day: name, time }) });
}

const steps = [
  ["touch", "kiosk.help-1"],
  ["ticket", "kiosk.help-2"],
  ["board", "kiosk.help-3"],
  ["pension", "kiosk.help-4"],
] as const;

export function HelpScreen({ onBack }: { onBack: () => void }) {
  return (
    <section class="choose help">
      <h1>{t("kiosk.help-title")}</h1>
      <ol>
        {steps.map(([icon, id], index) => (
          <li key={id}>
            <Icon name={icon} />
            <b aria-hidden="true">{index + 1}</b>
            <p>{t(id)}</p>
          </li>
        ))}
      </ol>
      <nav class="bottom">
        <button type="button" onClick={onBack}>
          <Icon name="back" />
          {t("app.back")}
        </button>
      </nav>
    </section>
  );
}

export function IdleQuestion({ seconds }: { seconds: number }) {
  const stay = useRef<HTMLButtonElement>(null);
  useEffect(() => stay.current?.focus(), []);
  return (
    <div class="veil" role="alertdialog" aria-modal="true" aria-labelledby="idle-title">
      <div class="question">
        <h1 id="idle-title">{t("kiosk.idle-title")}</h1>
        <p>{t("kiosk.idle-text", { count: seconds })}</p>
        <button type="button" class="main" ref={stay}>
          {t("kiosk.idle-stay")}
        </button>
      </div>
    </div>
  );
}
