import { Button } from "@mantine/core";
import { useState } from "react";
import { AssignPositionsDocument, SetSkillsDocument } from "../../../../shared/gql/generated/admin-staff";
import { named, t } from "../../../../shared/i18n/text";
import { type Act, useAct } from "../../../ui/act";
import { Checks } from "../../../ui/checks";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import type { CardProps } from "./member-page";

interface Props extends CardProps {
  services: Map<string, string>;
}

/** What somebody can do: their positions, and services of their own besides. */
export function SkillsCard({ person, words, reload, services }: Props) {
  const [open, setOpen] = useState<"positions" | "skills" | null>(null);
  const isOpen = person.mayTeach && !person.dismissed;
  const name = (code: string) => services.get(code) ?? code;
  const lent = person.effectiveSkills.filter(code => !person.skills.includes(code));
  return (
    <section className="card" aria-labelledby="skills-title">
      <h2 id="skills-title">{t("staff.skills-title")}</h2>
      <div>
        <p className="dim">{t("staff.positions")}</p>
        <p>{person.positions.map(one => named(one.name)).join(", ") || t("staff.no-positions")}</p>
      </div>
      <div>
        <p className="dim">{t("staff.services")}</p>
        <p>
          {person.skills.map(code => (
            <span className="tag" key={code}>
              {name(code)}
            </span>
          ))}
          {lent.map(code => (
            <span className="tag lent" key={code} title={t("staff.by-position")}>
              {name(code)}
              <span className="hidden-text"> {t("staff.by-position")}</span>
            </span>
          ))}
          {person.effectiveSkills.length === 0 && t("staff.no-skills")}
        </p>
      </div>
      {isOpen && (
        <div className="row">
          <Button variant="default" onClick={() => setOpen("positions")}>
            {t("staff.assign-positions")}
          </Button>
          <Button variant="default" onClick={() => setOpen("skills")}>
            {t("staff.set-skills")}
          </Button>
        </div>
      )}
      {open === "positions" && (
        <ChecksDialog
          title={t("staff.positions")}
          options={words.positions
            .filter(one => !one.archived)
            .map(one => ({
              value: one.code,
              label: named(one.name),
              hint: one.skills.map(name).join(", "),
            }))}
          empty={t("staff.positions-empty")}
          start={person.positions.map(one => one.code)}
          save={(act, positions) => act(AssignPositionsDocument, { staff: person.id, positions })}
          onDone={reload}
          onClose={() => setOpen(null)}
        />
      )}
      {open === "skills" && (
        <ChecksDialog
          title={t("staff.services")}
          options={[...services].map(([value, label]) => ({ value, label }))}
          empty={t("staff.services-empty")}
          start={person.skills}
          save={(act, skills) => act(SetSkillsDocument, { staff: person.id, skills })}
          onDone={reload}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  );
}

interface DialogProps {
  title: string;
  options: { value: string; label: string; hint?: string }[];
  empty: string;
  start: string[];
  save: (act: Act, chosen: string[]) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
}

function ChecksDialog({ title, options, empty, start, save, onDone, onClose }: DialogProps) {
  const [chosen, setChosen] = useState(start);
  const { act, busy, problem } = useAct();
  const confirm = async () => {
    if (!(await save(act, chosen))) return;
    onClose();
    onDone();
  };
  return (
    <FormDialog
      title={title}
      confirm={t("admin.save")}
      blocked={busy ? t("app.loading") : null}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      {options.length === 0 && <p>{empty}</p>}
      <Checks label={title} options={options} value={chosen} onChange={setChosen} />
      <Failure text={problem} />
    </FormDialog>
  );
}
