import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { useQuery } from "urql";
import {
  ArchiveServiceDocument,
  DefineServiceDocument,
  ServicesPageDocument,
  type ServicesPageQuery,
} from "../../../../shared/gql/generated/admin-services";
import { language, named, t } from "../../../../shared/i18n/text";
import { useMe } from "../../../session/gate";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Loaded } from "../../../ui/loaded";
import { Exchange } from "../exchange/exchange";
import { GroupDialog } from "./group-dialog";
import { ServiceDialog } from "./service-dialog";
import { fieldsOf } from "./shape";
import "../setup-texts";

export type Catalogue = ServicesPageQuery["catalogue"];
export type Group = Catalogue["groups"][number];
export type Service = Catalogue["services"][number];

type Editing =
  | { what: "group"; group: Group | null }
  | { what: "service"; service: Service | null; group: string };

/** What the organisation offers: services in groups, each group with its letter. A change reaches open kiosks at once. */
export function ServicesPage() {
  const [state, again] = useQuery({ query: ServicesPageDocument });
  const [editing, setEditing] = useState<Editing | null>(null);
  const [leaving, setLeaving] = useState<Service | null>(null);
  const [withArchived, setWithArchived] = useState(false);
  const { act, problem } = useAct();
  const reload = () => again({ requestPolicy: "network-only" });
  const catalogue = state.data?.catalogue;
  const permissions = useMe().permissions;
  const mayImport = permissions.includes("MANAGE_CATALOGUE") && permissions.includes("MANAGE_BRANCH");
  const archived = catalogue?.services.filter(one => one.archived).length ?? 0;

  const archive = async (service: Service) => {
    setLeaving(null);
    await act(ArchiveServiceDocument, { service: service.code });
    reload();
  };
  const restore = async (service: Service) => {
    await act(DefineServiceDocument, { service: fieldsOf(service) });
    reload();
  };
  return (
    <>
      <div className="title">
        <h1>{t("services.title")}</h1>
        <div className="row">
          <Button variant="default" onClick={() => setEditing({ what: "group", group: null })}>
            {t("services.add-group")}
          </Button>
          <Button
            disabled={!catalogue?.groups.length}
            onClick={() =>
              setEditing({ what: "service", service: null, group: catalogue?.groups[0]?.code ?? "" })
            }
          >
            {t("services.add")}
          </Button>
        </div>
      </div>
      <p className="lead">{t("services.lead")}</p>
      <Failure text={problem} />
      <Loaded state={state} again={again}>
        <Exchange what="SERVICES" mayImport={mayImport} onDone={reload} />
        {archived > 0 && (
          <Checkbox
            label={t("services.with-archived", { count: archived })}
            checked={withArchived}
            onChange={event => setWithArchived(event.currentTarget.checked)}
          />
        )}
        {catalogue?.groups.length === 0 && <p className="empty">{t("services.empty")}</p>}
        <div className="tree">
          {catalogue?.groups.map(group => (
            <GroupCard
              key={group.code}
              group={group}
              services={catalogue.services.filter(
                one => one.group === group.code && (withArchived || !one.archived),
              )}
              onGroup={() => setEditing({ what: "group", group })}
              onAdd={() => setEditing({ what: "service", service: null, group: group.code })}
              onService={service => setEditing({ what: "service", service, group: group.code })}
              onArchive={setLeaving}
              onRestore={service => void restore(service)}
            />
          ))}
        </div>
      </Loaded>
      {catalogue && editing?.what === "group" && (
        <GroupDialog
          group={editing.group}
          catalogue={catalogue}
          onDone={reload}
          onClose={() => setEditing(null)}
        />
      )}
      {catalogue && editing?.what === "service" && (
        <ServiceDialog
          service={editing.service}
          group={editing.group}
          catalogue={catalogue}
          onDone={reload}
          onClose={() => setEditing(null)}
        />
      )}
      {leaving && (
        <FormDialog
          title={t("admin.archive-title", { name: named(leaving.name) })}
          confirm={t("admin.archive")}
          danger
          onConfirm={() => void archive(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{t("services.archive-text")}</p>
        </FormDialog>
      )}
    </>
  );
}

interface CardProps {
  group: Group;
  services: Service[];
  onGroup: () => void;
  onAdd: () => void;
  onService: (service: Service) => void;
  onArchive: (service: Service) => void;
  onRestore: (service: Service) => void;
}

function GroupCard({ group, services, onGroup, onAdd, onService, onArchive, onRestore }: CardProps) {
  return (
    <section className="card" aria-label={named(group.name)}>
      <div className="head">
        <span className="letter" title={t("services.letter")}>
          {group.letter}
        </span>
        <h2>{named(group.name)}</h2>
        <Button variant="subtle" onClick={onGroup}>
          {t("admin.edit")}
          <span className="hidden-text"> {named(group.name)}</span>
        </Button>
        <Button variant="subtle" onClick={onAdd}>
          {t("services.add")}
          <span className="hidden-text"> — {named(group.name)}</span>
        </Button>
      </div>
      {services.length === 0 && <p className="dim">{t("services.group-empty")}</p>}
      <ul className="lines">
        {services.map(service => (
          <li key={service.code}>
            <div className="what">
              <b>{named(service.name)}</b>
              {service.archived && <span className="tag off">{t("services.archived")}</span>}
              {service.long && <span className="tag">{t("services.is-long")}</span>}
              <p className="dim">
                {t("services.times", {
                  norm: minutes(service.normSeconds),
                  p80: minutes(service.p80Seconds),
                })}
                {service.targetSeconds !== null &&
                  ` · ${t("services.own-target", { minutes: minutes(service.targetSeconds) })}`}
              </p>
            </div>
            <div className="row">
              {service.archived ? (
                <Button variant="subtle" onClick={() => onRestore(service)}>
                  {t("services.restore")}
                  <span className="hidden-text"> {named(service.name)}</span>
                </Button>
              ) : (
                <>
                  <Button variant="subtle" onClick={() => onService(service)}>
                    {t("admin.edit")}
                    <span className="hidden-text"> {named(service.name)}</span>
                  </Button>
                  <Button variant="subtle" color="red" onClick={() => onArchive(service)}>
                    {t("admin.archive")}
                    <span className="hidden-text"> {named(service.name)}</span>
                  </Button>
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

const minutes = (seconds: number) => (seconds / 60).toLocaleString(language(), { maximumFractionDigits: 1 });
