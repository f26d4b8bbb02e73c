import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { language, named, t } from "../../../shared/i18n/text";
import { clockTime } from "../../../shared/time";
import { Select } from "../../ui/select";
import type { TicketView } from "./types";
import type { Work } from "./work";

interface Props {
  work: Work;
  ticket: TicketView;
  serving: boolean;
}

/** What the visit is about: its services, which may grow, and the notes of the staff. */
export function VisitPanel({ work, ticket, serving }: Props) {
  const { services, timeZone } = work.branch;
  const [text, setText] = useState("");
  const [service, setService] = useState("");
  const nameOf = (code: string) => {
    const service = services.find(one => one.code === code);
    return service ? named(service.name) : code;
  };
  const others = services
    .filter(one => one.enabled && !ticket.services.includes(one.code))
    .map(one => ({ value: one.code, label: named(one.name) }));
  const change = async (act: Work["acts"]["addService"]) => {
    if (await act(ticket.id, service)) setService("");
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    if (await work.acts.note(ticket.id, text.trim())) setText("");
  };
  return (
    <div className="visit">
      {serving && (
        <section>
          <h2>{t("current.visit")}</h2>
          <ol className="services">
            {ticket.services.map(code => (
              <li key={code} aria-current={code === ticket.current || undefined}>
                {nameOf(code)}
              </li>
            ))}
          </ol>
          <div className="row">
            <Select
              label={t("current.service")}
              quiet
              value={service}
              onChange={setService}
              data={[{ value: "", label: t("current.service") }, ...others]}
            />
            <Button variant="default" disabled={!service} onClick={() => void change(work.acts.addService)}>
              {t("current.add-service")}
            </Button>
            <Button
              variant="default"
              disabled={!service}
              onClick={() => void change(work.acts.switchService)}
            >
              {t("current.switch-service")}
            </Button>
          </div>
        </section>
      )}
      <section>
        <h2>{t("current.notes")}</h2>
        {ticket.notes.length > 0 && (
          <ul className="notes">
            {ticket.notes.map(note => (
              <li key={note.at + note.text}>
                <span className="dim">
                  {clockTime(note.at, language(), timeZone)} {note.by?.name}
                </span>
                {note.text}
              </li>
            ))}
          </ul>
        )}
        <form className="row" onSubmit={event => void save(event)}>
          <TextInput
            aria-label={t("current.note")}
            placeholder={t("current.note")}
            value={text}
            maxLength={500}
            onChange={event => setText(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!text.trim()}>
            {t("current.note-add")}
          </Button>
        </form>
      </section>
    </div>
  );
}
