import { Button } from "@mantine/core";
import { useState } from "react";
import { ReadHoursDocument } from "../../../../shared/gql/generated/admin-branches";
import { t } from "../../../../shared/i18n/text";
import { client } from "../../../live/client";
import { Failure } from "../../../ui/failure";
import { Area } from "../setup/area";
import type { Work } from "./draft";
import { Field, fieldId } from "./field";
import type { BranchSettings, Interval } from "./settings";
import { clock, dateText, hoursText, weekday } from "./words";

/** The week, and the dates that differ from it. */
export function HoursCard({ work }: { work: Work }) {
  const { hours } = work.draft.settings;
  const setDay = (index: number, day: Interval[]) =>
    work.change({ hours: { ...hours, week: hours.week.map((one, at) => (at === index ? day : one)) } });
  return (
    <section className="card" aria-labelledby="set-hours">
      <h2 id="set-hours">{t("hours.title")}</h2>
      <HoursByText work={work} />
      <ul className="lines week">
        {hours.week.map((day, index) => (
          <li key={weekday(index)}>
            <b className="day-name">{weekday(index)}</b>
            <Day
              work={work}
              path={`hours.week[${index}]`}
              name={weekday(index)}
              day={day}
              onChange={next => setDay(index, next)}
            />
            {index === 0 && (
              <Button
                variant="subtle"
                onClick={() =>
                  work.change({
                    hours: { ...hours, week: hours.week.map((one, at) => (at < 5 ? day : one)) },
                  })
                }
              >
                {t("hours.to-weekdays")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Exceptions work={work} />
      <div className="pair-fields">
        <Field
          work={work}
          path="day_starts_at"
          label={t("hours.day-starts")}
          description={t("hours.day-starts-hint")}
          value={clock(work.draft.settings.day_starts_at)}
          onChange={value => work.change({ day_starts_at: whole(value) ?? value })}
        />
      </div>
    </section>
  );
}

/** «Пн-Пт: 09:00-19:00, перерыв 13:00-14:00»: pasted as people write it, read by the server. */
function HoursByText({ work }: { work: Work }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const { settings } = work.draft;
  const read = async () => {
    setDone(null);
    const variables = { text, starts: clock(settings.day_starts_at) };
    const answer = await client
      .query(ReadHoursDocument, variables, { requestPolicy: "network-only" })
      .toPromise();
    const found = answer.data?.readHours;
    if (!found) return setProblem(t("problem.unreachable"));
    setProblem(found.fault?.message ?? null);
    if (!found.week) return;
    work.change({ hours: { ...settings.hours, week: found.week } });
    setDone(found.written ?? null);
    setText("");
  };
  return (
    <div className="form">
      <Area
        label={t("hours.by-text")}
        description={t("hours.by-text-hint")}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      <Failure text={problem} />
      <p role="status">{done && t("hours.read", { hours: done })}</p>
      <div className="row">
        <Button variant="default" disabled={!text.trim()} onClick={() => void read()}>
          {t("hours.read-it")}
        </Button>
      </div>
    </div>
  );
}

interface DayProps {
  work: Work;
  path: string;
  name: string;
  day: Interval[];
  onChange: (day: Interval[]) => void;
}

/** The intervals of one day; none is a day off. */
function Day({ work, path, name, day, onChange }: DayProps) {
  const put = (index: number, part: Partial<Interval>) =>
    onChange(day.map((one, at) => (at === index ? { ...one, ...part } : one)));
  const last = day.at(-1);
  return (
    <div className="intervals" id={fieldId(path)} tabIndex={-1}>
      {day.length === 0 && <span className="dim">{t("hours.closed")}</span>}
      {day.map((one, index) => {
        const fault = work.fault(`${path}[${index}]`);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an interval is its place in the day
          <span className="interval" key={index}>
            <input
              type="time"
              id={fieldId(`${path}[${index}]`)}
              aria-label={t("hours.opens", { day: name })}
              aria-invalid={Boolean(fault)}
              value={clock(one.opens)}
              onChange={event => put(index, { opens: whole(event.currentTarget.value) ?? one.opens })}
            />
            –
            <input
              type="time"
              aria-label={t("hours.closes", { day: name })}
              aria-invalid={Boolean(fault)}
              value={clock(one.closes)}
              onChange={event => put(index, { closes: whole(event.currentTarget.value) ?? one.closes })}
            />
            <button
              type="button"
              className="plain-x"
              aria-label={t("hours.remove", { day: name, hours: hoursText([one]) })}
              onClick={() => onChange(day.filter((_, at) => at !== index))}
            >
              ×
            </button>
            {fault && <span className="failure">{fault}</span>}
          </span>
        );
      })}
      <Button
        variant="subtle"
        onClick={() =>
          onChange([
            ...day,
            last ? { opens: last.closes, closes: last.closes } : { opens: "09:00:00", closes: "18:00:00" },
          ])
        }
      >
        {t(day.length ? "hours.add-interval" : "hours.open-day")}
        <span className="hidden-text"> — {name}</span>
      </Button>
    </div>
  );
}

function Exceptions({ work }: { work: Work }) {
  const { hours } = work.draft.settings;
  const [date, setDate] = useState("");
  const all = Object.entries(hours.exceptions ?? {}).sort(([one], [other]) => one.localeCompare(other));
  const put = (exceptions: BranchSettings["hours"]["exceptions"]) =>
    work.change({ hours: { ...hours, exceptions } });
  const without = (gone: string) => Object.fromEntries(all.filter(([one]) => one !== gone));
  return (
    <>
      <h3>{t("hours.exceptions")}</h3>
      <p className="dim">{t("hours.exceptions-hint")}</p>
      <ul className="lines week">
        {all.map(([one, day]) => (
          <li key={one}>
            <b className="day-name">{dateText(one)}</b>
            <Day
              work={work}
              path={`hours.exceptions.${one}`}
              name={dateText(one)}
              day={day}
              onChange={next => put({ ...hours.exceptions, [one]: next })}
            />
            <Button variant="subtle" color="red" onClick={() => put(without(one))}>
              {t("admin.archive")}
              <span className="hidden-text"> {dateText(one)}</span>
            </Button>
          </li>
        ))}
      </ul>
      <div className="row">
        <label className="plain-label">
          {t("hours.date")}{" "}
          <input type="date" value={date} onChange={event => setDate(event.currentTarget.value)} />
        </label>
        <Button
          variant="default"
          disabled={!date || date in (hours.exceptions ?? {})}
          onClick={() => {
            put({ ...hours.exceptions, [date]: [] });
            setDate("");
          }}
        >
          {t("hours.add-date")}
        </Button>
      </div>
    </>
  );
}

/** `HH:MM` as the settings write it; null for what is no time. */
function whole(time: string): string | null {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(time) ? `${time}:00` : null;
}
