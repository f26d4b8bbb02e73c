import { Checkbox } from "@mantine/core";
import { named, t } from "../../../../shared/i18n/text";
import { Checks } from "../../../ui/checks";
import type { Work } from "./draft";
import { Field, fieldId } from "./field";
import { HoursCard } from "./hours-card";
import { pointOf } from "./place";
import { PublishBar } from "./publish-bar";
import { RulesCard } from "./rules-card";
import type { Words } from "./settings";

/** Everything one branch decides for itself, as a draft that is published whole. */
export function BranchEditor({ work }: { work: Work }) {
  const { settings } = work.draft;
  return (
    <>
      <h1>{named(settings.name) || work.setup.branch}</h1>
      <PublishBar work={work} />
      <About work={work} />
      <Place work={work} />
      <HoursCard work={work} />
      <Given work={work} />
      <RulesCard work={work} />
    </>
  );
}

function About({ work }: { work: Work }) {
  const { settings } = work.draft;
  const name = (part: Partial<Words>) => work.change({ name: { ...settings.name, ...part } });
  const ticker = (part: Partial<Words>) => {
    const next = { ru: "", en: "", ...settings.ticker, ...part };
    work.change({ ticker: next.ru || next.en ? next : undefined });
  };
  return (
    <section className="card" aria-labelledby="set-about">
      <h2 id="set-about">{t("branches.about")}</h2>
      <div className="pair-fields">
        <Field
          work={work}
          path="name.ru"
          label={t("admin.name-ru")}
          lang="ru"
          value={settings.name.ru}
          onChange={ru => name({ ru })}
          required
        />
        <Field
          work={work}
          path="name.en"
          label={t("admin.name-en")}
          lang="en"
          value={settings.name.en}
          onChange={en => name({ en })}
          required
        />
      </div>
      <Checkbox
        label={t("branches.public")}
        description={t("branches.public-hint")}
        checked={settings.public}
        onChange={event => work.change({ public: event.currentTarget.checked })}
      />
      <div id={fieldId("languages")} tabIndex={-1}>
        <Checks
          label={t("branches.languages")}
          options={[
            { value: "ru", label: t("language.ru") },
            { value: "en", label: t("language.en") },
          ]}
          value={settings.languages}
          onChange={languages => work.change({ languages })}
        />
      </div>
      <div className="pair-fields">
        <Field
          work={work}
          path="ticker.ru"
          label={t("branches.ticker-ru")}
          lang="ru"
          long
          value={settings.ticker?.ru ?? ""}
          onChange={ru => ticker({ ru })}
        />
        <Field
          work={work}
          path="ticker.en"
          label={t("branches.ticker-en")}
          lang="en"
          long
          value={settings.ticker?.en ?? ""}
          onChange={en => ticker({ en })}
        />
      </div>
    </section>
  );
}

function Place({ work }: { work: Work }) {
  const { settings } = work.draft;
  const place = settings.location;
  const written = place ? `${place.latitude_e6 / 1e6}, ${place.longitude_e6 / 1e6}` : "";
  const optional = (value: string) => value || undefined;
  return (
    <section className="card" aria-labelledby="set-place">
      <h2 id="set-place">{t("branches.place")}</h2>
      <div className="pair-fields">
        <Field
          work={work}
          path="address"
          label={t("branches.address")}
          value={settings.address ?? ""}
          onChange={value => work.change({ address: optional(value) })}
        />
        <Field
          work={work}
          path="postal_code"
          label={t("branches.postal-code")}
          value={settings.postal_code ?? ""}
          onChange={value => work.change({ postal_code: optional(value) })}
        />
        <Field
          work={work}
          path="phone"
          label={t("branches.phone")}
          value={settings.phone ?? ""}
          onChange={value => work.change({ phone: optional(value) })}
        />
        <Coordinates work={work} written={written} key={written} />
        <Field
          work={work}
          path="time_zone"
          label={t("branches.time-zone")}
          description={t("branches.time-zone-hint")}
          value={settings.time_zone}
          onChange={time_zone => work.change({ time_zone })}
          required
        />
      </div>
    </section>
  );
}

/** «55.7579, 37.6114», as maps give it to copy. */
function Coordinates({ work, written }: { work: Work; written: string }) {
  return (
    <div>
      <label className="plain-label" htmlFor={fieldId("location")}>
        {t("branches.location")}
      </label>
      <p className="dim">{t("branches.location-hint")}</p>
      <input
        className="plain-input"
        id={fieldId("location")}
        defaultValue={written}
        inputMode="text"
        aria-invalid={Boolean(work.fault("location"))}
        onBlur={event => {
          const location = pointOf(event.currentTarget.value);
          if (location !== null) work.change({ location });
        }}
      />
      {work.fault("location") && <p className="failure">{work.fault("location")}</p>}
    </div>
  );
}

function Given({ work }: { work: Work }) {
  const { without } = work.draft.settings;
  const codes = work.services.map(one => one.code);
  return (
    <section className="card" aria-labelledby="set-given">
      <h2 id="set-given">{t("branches.services")}</h2>
      <Checks
        label={t("branches.services-given")}
        wide
        options={work.services.map(one => ({ value: one.code, label: one.name }))}
        value={codes.filter(code => !without.includes(code))}
        onChange={given =>
          work.change({
            without: [
              ...without.filter(code => !codes.includes(code)),
              ...codes.filter(code => !given.includes(code)),
            ],
          })
        }
      />
    </section>
  );
}
