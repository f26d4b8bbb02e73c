import { Button, Checkbox, Tabs } from "@mantine/core";
import { lazy, Suspense, useEffect, useState } from "react";
import { language, named, type TextId, t } from "../../../shared/i18n/text";
import { shownNumber } from "../../../shared/number";
import type { PictureName } from "../../../shared/pictures";
import { stopwatch } from "../../../shared/time";
import { Empty } from "../../ui/empty";
import { inState } from "./queue";
import type { BranchView, TicketView, WindowView } from "./types";
import type { Work } from "./work";

interface Props {
  work: Work;
  window: WindowView;
  now: number;
  free: boolean;
  offline: boolean;
  onPick: (ticket: TicketView) => void;
}

const tabs = [
  { state: "WAITING", title: "queue.waiting", empty: "queue.empty-waiting", picture: "chairs" },
  { state: "PARKED", title: "queue.parked", empty: "queue.empty-parked", picture: "tray" },
  { state: "NO_SHOW", title: "queue.no-show", empty: "queue.empty-no-show", picture: "done" },
] as const satisfies { state: TicketView["state"]; title: TextId; empty: TextId; picture: PictureName }[];

const loadColleagues = () => import("./colleagues");
const Colleagues = lazy(async () => ({ default: (await loadColleagues()).Colleagues }));

/** The queue as this operator may touch it. */
export function QueuePanel({ work, window, now, free, offline, onPick }: Props) {
  // Fetched before it is asked for: by then the line may be down.
  useEffect(() => void loadColleagues().catch(() => {}), []);
  const [tab, setTab] = useState<string>("WAITING");
  const [onlyMine, setOnlyMine] = useState(true);
  const mine = (ticket: TicketView) =>
    !onlyMine || (ticket.current !== null && window.services.includes(ticket.current ?? ""));
  const lists = tabs.map(tab => ({ ...tab, tickets: inState(work.queue, tab.state).filter(mine) }));
  return (
    <section className="queue">
      <Tabs value={tab} onChange={next => setTab(next ?? "WAITING")} keepMounted={false}>
        <Tabs.List aria-label={t("queue.title")}>
          {lists.map(list => (
            <Tabs.Tab key={list.state} value={list.state}>
              {t(list.title)} <b className="count">{list.tickets.length}</b>
            </Tabs.Tab>
          ))}
          <Tabs.Tab value="COLLEAGUES">{t("queue.colleagues")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="COLLEAGUES" tabIndex={0}>
          <Suspense fallback={<div className="skeleton" />}>
            <Colleagues branch={work.branch} own={window} position={work.queue?.position} now={now} />
          </Suspense>
        </Tabs.Panel>
        {lists.map(list => (
          <Tabs.Panel key={list.state} value={list.state} tabIndex={0}>
            {list.tickets.length === 0 ? (
              <Empty picture={list.picture} text={t(list.empty)} />
            ) : (
              <table>
                <thead>
                  <tr>
                    <th>{t("queue.number")}</th>
                    <th>{t("queue.service")}</th>
                    <th className="figure">{t(list.state === "NO_SHOW" ? "queue.left" : "queue.waits")}</th>
                    <th>
                      <span className="hidden-text">{t("queue.act")}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {list.tickets.map(ticket => (
                    <tr key={ticket.id}>
                      <td className="number">{shownNumber(ticket.number, language())}</td>
                      <td>
                        {serviceName(work.branch, ticket)}
                        <Marks branch={work.branch} ticket={ticket} window={window} now={now} />
                      </td>
                      <td className="figure">{spanOf(ticket, now)}</td>
                      <td className="do">
                        <RowAct {...{ ticket, work, free, offline, onPick }} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
      {tab !== "COLLEAGUES" && (
        <Checkbox
          className="mine"
          label={t("queue.only-mine")}
          checked={onlyMine}
          onChange={event => setOnlyMine(event.currentTarget.checked)}
        />
      )}
    </section>
  );
}

interface RowProps {
  ticket: TicketView;
  work: Work;
  free: boolean;
  offline: boolean;
  onPick: (ticket: TicketView) => void;
}

function RowAct({ ticket, work, free, offline, onPick }: RowProps) {
  const number = shownNumber(ticket.number, language());
  if (ticket.state === "NO_SHOW") {
    return (
      <Button variant="subtle" disabled={offline} onClick={() => void work.acts.reactivate(ticket.id)}>
        {t("do.bring-back")}
        <span className="hidden-text"> {number}</span>
      </Button>
    );
  }
  const parked = ticket.state === "PARKED";
  return (
    <>
      <Button
        variant="subtle"
        disabled={!free || offline}
        title={free ? undefined : t("why.busy")}
        // A ticket put aside is called by the one who did it, which needs no reason.
        onClick={() => (parked ? void work.acts.pick(ticket.id, null) : onPick(ticket))}
      >
        {t("do.call-this")}
        <span className="hidden-text"> {number}</span>
      </Button>
      {parked && (
        <Button variant="subtle" disabled={offline} onClick={() => void work.acts.unpark(ticket.id)}>
          {t("do.return")}
        </Button>
      )}
    </>
  );
}

function Marks({
  branch,
  ticket,
  window,
  now,
}: {
  branch: BranchView;
  ticket: TicketView;
  window: WindowView;
  now: number;
}) {
  const privilege = branch.classes.find(one => one.code === ticket.class && one.code !== "standard");
  const late = ticket.state === "WAITING" && Date.parse(ticket.dueAt) < now;
  const own = Boolean(ticket.pinnedOperator) && ticket.pinnedOperator === window.operator?.id;
  const parkReason = branch.parkReasons.find(one => one.code === ticket.parkReason);
  return (
    <span className="marks">
      {privilege && <span className="tag">{named(privilege.name)}</span>}
      {late && <span className="tag off">{t("queue.late")}</span>}
      {(own || ticket.pinnedWindow === window.code) && <span className="tag line">{t("queue.mine")}</span>}
      {ticket.returns > 0 && <span className="tag line">{t("queue.returned")}</span>}
      {ticket.state === "PARKED" && parkReason && <span className="dim">{named(parkReason.name)}</span>}
    </span>
  );
}

function serviceName(branch: BranchView, ticket: TicketView): string {
  const service = branch.services.find(one => one.code === ticket.current);
  return service ? named(service.name) : (ticket.current ?? "");
}

// For a no-show: the rest of the ten minutes in which the place can be given back.
function spanOf(ticket: TicketView, now: number): string {
  if (ticket.state !== "NO_SHOW") return stopwatch(now - Date.parse(ticket.issuedAt));
  return ticket.graceUntil ? stopwatch(Date.parse(ticket.graceUntil) - now) : "";
}
