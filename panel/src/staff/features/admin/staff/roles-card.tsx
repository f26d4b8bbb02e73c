import { Button } from "@mantine/core";
import { useState } from "react";
import { GrantRoleDocument, WithdrawRoleDocument } from "../../../../shared/gql/generated/admin-staff";
import { named, t } from "../../../../shared/i18n/text";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Select } from "../../../ui/select";
import type { CardProps } from "./member-page";
import { isScopeEmpty, type ScopeChoice, scopeInput } from "./scope";
import { ScopeField } from "./scope-field";
import { scopeWords } from "./words";

type Held = CardProps["person"]["roles"][number];

/** What somebody may do and where. A change works within seconds, also on pages that are open. */
export function RolesCard({ person, words, reload }: CardProps) {
  const [granting, setGranting] = useState<Held | "new" | null>(null);
  const [leaving, setLeaving] = useState<Held | null>(null);
  const { act, problem } = useAct();
  const isOpen = person.mayManage && !person.dismissed;
  const mayGrant = (code: string) => words.roles.some(one => one.code === code && one.mayGrant);
  const withdraw = async (held: Held) => {
    setLeaving(null);
    await act(WithdrawRoleDocument, { staff: person.id, role: held.role });
    reload();
  };
  return (
    <section className="card" aria-labelledby="roles-title">
      <h2 id="roles-title">{t("staff.roles")}</h2>
      {person.roles.length === 0 && <p className="dim">{t("staff.no-roles-yet")}</p>}
      <ul className="lines">
        {person.roles.map(held => (
          <li key={held.role}>
            <div>
              <b>{named(held.name)}</b>
              <p className="dim">{scopeWords(held.scope, words)}</p>
            </div>
            {isOpen && mayGrant(held.role) && (
              <div className="row">
                <Button variant="subtle" onClick={() => setGranting(held)}>
                  {t("staff.change-scope")}
                  <span className="hidden-text"> {named(held.name)}</span>
                </Button>
                <Button variant="subtle" color="red" onClick={() => setLeaving(held)}>
                  {t("staff.withdraw")}
                  <span className="hidden-text"> {named(held.name)}</span>
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
      <Failure text={problem} />
      {isOpen && (
        <div className="row">
          <Button variant="default" onClick={() => setGranting("new")}>
            {t("staff.grant")}
          </Button>
        </div>
      )}
      {granting && (
        <GrantDialog
          person={person}
          words={words}
          reload={reload}
          held={granting === "new" ? null : granting}
          onClose={() => setGranting(null)}
        />
      )}
      {leaving && (
        <FormDialog
          title={t("staff.withdraw-title", { role: named(leaving.name) })}
          confirm={t("staff.withdraw")}
          danger
          onConfirm={() => void withdraw(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{t("staff.withdraw-text")}</p>
        </FormDialog>
      )}
    </section>
  );
}

interface GrantProps extends CardProps {
  /** The role whose place is changed; none for another role. */
  held: Held | null;
  onClose: () => void;
}

function GrantDialog({ person, words, held, reload, onClose }: GrantProps) {
  const free = words.roles.filter(
    one => one.mayGrant && !one.archived && !person.roles.some(mine => mine.role === one.code),
  );
  const [role, setRole] = useState(held?.role ?? free[0]?.code ?? "");
  const [where, setWhere] = useState<ScopeChoice>(() => choiceOf(held?.scope));
  const { act, busy, problem } = useAct();
  const save = async () => {
    if (!(await act(GrantRoleDocument, { staff: person.id, role, scope: scopeInput(where) }))) return;
    onClose();
    reload();
  };
  const blocked = !role ? t("staff.no-free-roles") : isScopeEmpty(where) ? t("staff.need-scope") : null;
  return (
    <FormDialog
      title={held ? named(held.name) : t("staff.grant")}
      confirm={t("admin.save")}
      blocked={busy ? t("app.loading") : blocked}
      onConfirm={() => void save()}
      onClose={onClose}
    >
      {!held && free.length > 0 && (
        <Select
          label={t("staff.role")}
          value={role}
          onChange={setRole}
          data={free.map(one => ({ value: one.code, label: named(one.name) }))}
        />
      )}
      <ScopeField words={words} value={where} onChange={setWhere} />
      <Failure text={problem} />
    </FormDialog>
  );
}

function choiceOf(scope: Held["scope"] | undefined): ScopeChoice {
  if (!scope) return { of: "branches", regions: [], branches: [] };
  const of = scope.organisation ? "organisation" : scope.regions.length > 0 ? "regions" : "branches";
  return { of, regions: scope.regions, branches: scope.branches };
}
