import { useEffect, useState } from "preact/hooks";
import { named, t } from "../../shared/i18n/text";
import { usefulMinutes } from "../../shared/time";
import type { Board, Catalogue, CatalogueGroup } from "../board-feed";
import { Icon } from "../icons";
import type { Privilege } from "./screen";
import { Welcome } from "./welcome";

interface Props {
  catalogue: Catalogue;
  board: Board | null;
  group: string | null;
  privilege: Privilege | null;
  large: boolean;
  now: number;
  /** The service of the ticket given a moment ago: a hand that stays on the glass must not take another. */
  locked: string | null;
  onGroup: (group: string | null) => void;
  onService: (service: string) => void;
  onPriority: () => void;
  onPriorityOff: () => void;
}

interface Choice {
  code: string;
  name: string;
  icon: string | null;
  services: string[];
  press: () => void;
}

// More cards would need scrolling, which many people do not expect of a kiosk.
const perPageUsual = 8;
const perPageLarge = 6;

/** Groups first when there are many services, else the services themselves. */
export function ServicesScreen(props: Props) {
  const { catalogue, board, group, privilege, large, now, locked } = props;
  const perPage = large ? perPageLarge : perPageUsual;
  const [page, setPage] = useState(0);
  useEffect(() => setPage(0), [group, catalogue, perPage]);

  const count = catalogue.groups.reduce((sum, one) => sum + one.services.length, 0);
  const byGroups = count > perPageUsual && group === null && catalogue.groups.length > 1;
  const opened = catalogue.groups.find(one => one.code === group);
  const choices = byGroups
    ? catalogue.groups.map(one => groupChoice(one, props))
    : (opened ? [opened] : catalogue.groups).flatMap(one => serviceChoices(one, props));
  const pages = Math.max(1, Math.ceil(choices.length / perPage));
  const shown = choices.slice(page * perPage, (page + 1) * perPage);
  const reason = privilege && reasonName(catalogue, privilege);

  return (
    <section class="choose">
      {!opened && !reason && !large && <Welcome catalogue={catalogue} board={board} now={now} />}
      <h1>{opened ? named(opened.name) : t(byGroups ? "kiosk.title-group" : "kiosk.title")}</h1>
      {reason && (
        <div class="privilege" role="status">
          <Icon name="priority" />
          <p>{t("kiosk.priority-on", { reason })}</p>
          <button type="button" onClick={props.onPriorityOff}>
            {t("kiosk.priority-off")}
          </button>
        </div>
      )}
      <ul class={density(shown.length)}>
        {shown.map(choice => (
          <li key={choice.code}>
            <button
              type="button"
              class="card"
              data-code={choice.code}
              aria-disabled={choice.code === locked || undefined}
              onClick={choice.press}
            >
              <Icon name={choice.icon} />
              <span class="name">{choice.name}</span>
              {choice.code === locked ? (
                <span class="load">{t("kiosk.just-taken")}</span>
              ) : (
                <Load board={board} services={choice.services} />
              )}
            </button>
          </li>
        ))}
      </ul>
      <nav class="bottom">
        {opened && (
          <button type="button" onClick={() => props.onGroup(null)}>
            <Icon name="back" />
            {t("app.back")}
          </button>
        )}
        {page > 0 && (
          <button type="button" onClick={() => setPage(page - 1)}>
            <Icon name="back" />
            {t("kiosk.previous")}
          </button>
        )}
        {page < pages - 1 && (
          <button type="button" onClick={() => setPage(page + 1)}>
            {t("kiosk.more")}
            <Icon name="next" />
          </button>
        )}
        {!privilege && catalogue.classes.some(one => one.reasons.length > 0) && (
          <button type="button" class="priority" onClick={props.onPriority}>
            <Icon name="priority" />
            {t("kiosk.priority")}
          </button>
        )}
      </nav>
    </section>
  );
}

function groupChoice(group: CatalogueGroup, { onGroup, onService }: Props): Choice {
  const [only] = group.services;
  const press = group.services.length === 1 && only ? () => onService(only.code) : () => onGroup(group.code);
  return {
    code: group.code,
    name: named(group.name),
    icon: group.icon,
    services: group.services.map(service => service.code),
    press,
  };
}

function serviceChoices(group: CatalogueGroup, { onService }: Props): Choice[] {
  return group.services.map(service => ({
    code: service.code,
    name: named(service.name),
    icon: group.icon,
    services: [service.code],
    press: () => onService(service.code),
  }));
}

function Load({ board, services }: { board: Board | null; services: string[] }) {
  const states = board?.services.filter(one => services.includes(one.code)) ?? [];
  if (states.length === 0) return <span class="load">{"\u00a0"}</span>;
  if (states.every(one => !one.open)) return <span class="load">{t("kiosk.no-window")}</span>;
  const waiting = states.reduce((sum, one) => sum + one.waiting, 0);
  const slowest = Math.max(0, ...states.map(one => one.p80Seconds ?? 0));
  const time =
    waiting === 0
      ? t("kiosk.at-once")
      : slowest > 0
        ? t("kiosk.up-to", { count: usefulMinutes(slowest) })
        : null;
  return (
    <span class="load">
      <span>{t("kiosk.waiting", { count: waiting })}</span>
      {time && <b>{time}</b>}
    </span>
  );
}

function reasonName(catalogue: Catalogue, privilege: Privilege): string | null {
  const reasons = catalogue.classes.find(one => one.code === privilege.classCode)?.reasons ?? [];
  const reason = reasons.find(one => one.code === privilege.reasonCode);
  return reason ? named(reason.name) : null;
}

// Up to four cards stay low and near; above six they become lines to leave room for each other.
export function density(cards: number): string {
  if (cards > 6) return "cards many";
  return cards > 4 ? "cards" : "cards few";
}
