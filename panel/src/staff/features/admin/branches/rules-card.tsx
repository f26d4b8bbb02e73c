import { Checkbox } from "@mantine/core";
import { type TextId, t } from "../../../../shared/i18n/text";
import { Choice } from "../../../ui/choice";
import { NumberField } from "../setup/number-field";
import type { Work } from "./draft";
import { fieldId, Span } from "./field";
import type { CallingRules, DayTimes } from "./settings";

type SpanKey<T> = { [K in keyof T]: T[K] extends number ? K : never }[keyof T];

const minute = 60;
const hour = 3600;

/** Spans of calling, with how many seconds one of their unit has. */
const callSpans: [SpanKey<CallingRules>, number][] = [
  ["between_calls_s", 1],
  ["no_show_after_s", 1],
  ["grace_s", minute],
  ["undo_s", 1],
  ["return_lock_out_s", minute],
  ["return_penalty_s", minute],
  ["pin_after_due_s", minute],
  ["amber_before_due_s", minute],
];

const daySpans: [SpanKey<DayTimes>, number][] = [
  ["open_before_s", minute],
  ["intake_ends_before_close_s", minute],
  ["close_after_s", minute],
  ["busy_alert_s", hour],
];

const units: Record<number, TextId> = { 1: "setup.sec", [minute]: "setup.min", [hour]: "setup.hour" };

/** Who is next, how people are called, when the day opens and ends, how many tickets it gives. */
export function RulesCard({ work }: { work: Work }) {
  const { calling, times, policy } = work.draft.settings;
  const call = (part: Partial<CallingRules>) => work.change({ calling: { ...calling, ...part } });
  return (
    <>
      <section className="card" aria-labelledby="set-calling">
        <h2 id="set-calling">{t("rules.calling")}</h2>
        <Choice
          label={t("set.policy")}
          value={policy}
          options={[
            { value: "edd", label: t("policy.edd") },
            { value: "fifo", label: t("policy.fifo") },
          ]}
          onChange={next => work.change({ policy: next })}
        />
        <div className="pair-fields">
          <Count
            work={work}
            name="max_calls"
            value={calling.max_calls}
            onChange={max_calls => call({ max_calls })}
          />
          <Count
            work={work}
            name="no_show_after_calls"
            value={calling.no_show_after_calls}
            onChange={no_show_after_calls => call({ no_show_after_calls })}
          />
          {callSpans.map(([key, per]) => (
            <Span
              key={key}
              work={work}
              path={`calling.${key}`}
              label={t(`set.calling.${key}` as TextId)}
              unit={t(units[per] ?? "setup.sec")}
              per={per}
              value={calling[key]}
              onChange={seconds => call({ [key]: seconds })}
            />
          ))}
        </div>
        <Checkbox
          label={t("set.calling.automatic_no_show")}
          checked={calling.automatic_no_show}
          onChange={event => call({ automatic_no_show: event.currentTarget.checked })}
        />
        <Checkbox
          label={t("set.calling.second_level")}
          checked={calling.second_level}
          onChange={event => call({ second_level: event.currentTarget.checked })}
        />
      </section>
      <section className="card" aria-labelledby="set-day">
        <h2 id="set-day">{t("rules.day")}</h2>
        <div className="pair-fields">
          {daySpans.map(([key, per]) => (
            <Span
              key={key}
              work={work}
              path={`times.${key}`}
              label={t(`set.times.${key}` as TextId)}
              unit={t(units[per] ?? "setup.sec")}
              per={per}
              value={times[key]}
              onChange={seconds => work.change({ times: { ...times, [key]: seconds } })}
            />
          ))}
        </div>
      </section>
      <Quotas work={work} />
    </>
  );
}

interface CountProps {
  work: Work;
  name: "max_calls" | "no_show_after_calls";
  value: number;
  onChange: (value: number) => void;
}

function Count({ work, name, value, onChange }: CountProps) {
  const path = `calling.${name}`;
  return (
    <div id={fieldId(path)} tabIndex={-1}>
      <NumberField
        label={t(`set.${path}` as TextId)}
        value={value}
        error={work.fault(path)}
        onChange={count => onChange(Math.round(count ?? 0))}
      />
    </div>
  );
}

function Quotas({ work }: { work: Work }) {
  const { quotas } = work.draft.settings;
  const of = (service: string, most: number | null) => {
    const { [service]: _, ...rest } = quotas.services ?? {};
    const services = most === null ? rest : { ...rest, [service]: Math.round(most) };
    work.change({ quotas: { ...quotas, services: Object.keys(services).length ? services : undefined } });
  };
  return (
    <section className="card" aria-labelledby="set-quotas">
      <h2 id="set-quotas">{t("rules.quotas")}</h2>
      <p className="dim">{t("rules.quotas-hint")}</p>
      <div className="pair-fields">
        <NumberField
          label={t("set.quotas.day")}
          value={quotas.day ?? null}
          onChange={count =>
            work.change({ quotas: { ...quotas, day: count === null ? undefined : Math.round(count) } })
          }
        />
      </div>
      <details>
        <summary>{t("rules.quotas-services")}</summary>
        <div className="pair-fields">
          {work.services.map(one => (
            <NumberField
              key={one.code}
              label={one.name}
              value={quotas.services?.[one.code] ?? null}
              error={work.fault(`quotas.services.${one.code}`)}
              onChange={count => of(one.code, count)}
            />
          ))}
        </div>
      </details>
    </section>
  );
}
