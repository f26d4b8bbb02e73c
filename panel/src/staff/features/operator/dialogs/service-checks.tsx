import { Checkbox } from "@mantine/core";
import { named, t } from "../../../../shared/i18n/text";
import type { ServiceView } from "../types";

interface Props {
  services: ServiceView[];
  value: string[];
  onChange: (value: string[]) => void;
}

/** The services of a window, by groups, with one tick for all. */
export function ServiceChecks({ services, value, onChange }: Props) {
  const groups = new Map<string, ServiceView[]>();
  for (const service of services) {
    const name = named(service.groupName);
    groups.set(name, [...(groups.get(name) ?? []), service]);
  }
  const all = services.every(service => value.includes(service.code));
  const toggle = (code: string, on: boolean) =>
    onChange(on ? [...value, code] : value.filter(one => one !== code));
  return (
    <fieldset className="checks">
      <legend>{t("start.services")}</legend>
      <Checkbox
        label={t("start.all")}
        checked={all}
        indeterminate={!all && value.length > 0}
        onChange={event => onChange(event.currentTarget.checked ? services.map(service => service.code) : [])}
      />
      <div className="groups">
        {[...groups].map(([name, members]) => (
          <section key={name}>
            <h2>{name}</h2>
            {members.map(service => (
              <Checkbox
                key={service.code}
                label={named(service.name)}
                checked={value.includes(service.code)}
                onChange={event => toggle(service.code, event.currentTarget.checked)}
              />
            ))}
          </section>
        ))}
      </div>
    </fieldset>
  );
}
