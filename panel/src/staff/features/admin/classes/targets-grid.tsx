import { named, t } from "../../../../shared/i18n/text";
import {
  type Catalogue,
  type ClassFields,
  type Draft,
  pairOf,
  targetOf,
  usualTarget,
  withTarget,
} from "./draft";

interface Props {
  catalogue: Catalogue;
  classes: ClassFields[];
  draft: Draft;
  onDraft: (draft: Draft) => void;
}

/** How long each class may wait for each service, in minutes; an empty cell shows what follows from both alone. */
export function TargetsGrid({ catalogue, classes, draft, onDraft }: Props) {
  const services = catalogue.services.filter(one => !one.archived);
  const shown = classes.filter(one => !one.emergency);
  return (
    <section className="card" aria-labelledby="targets">
      <h2 id="targets">{t("targets.title")}</h2>
      <p className="dim">{t("targets.hint")}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="grid-box" tabIndex={0} aria-labelledby="targets">
        <table className="grid targets">
          <thead>
            <tr>
              <th scope="col">{t("services.title")}</th>
              {shown.map(one => (
                <th scope="col" key={one.code}>
                  {named(one.name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {services.map(service => (
              <tr key={service.code}>
                <th scope="row">{named(service.name)}</th>
                {shown.map(one => {
                  const set = targetOf(catalogue, draft, one.code, service.code);
                  const isDrafted = draft.targets[pairOf(one.code, service.code)] !== undefined;
                  return (
                    <td key={one.code} data-drafted={isDrafted || undefined}>
                      <input
                        inputMode="numeric"
                        aria-label={`${named(service.name)}, ${named(one.name)}`}
                        value={set === null ? "" : set / 60}
                        placeholder={String(usualTarget(one, service) / 60)}
                        onChange={event => {
                          const text = event.currentTarget.value.trim();
                          const minutes = /^\d{1,3}$/.test(text) ? Number(text) : null;
                          if (text && minutes === null) return;
                          const seconds = minutes === null ? null : minutes * 60;
                          onDraft(withTarget(catalogue, draft, one.code, service.code, seconds));
                        }}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
