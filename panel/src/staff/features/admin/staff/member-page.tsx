import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import {
  type StaffDetailsFragment,
  StaffOneDocument,
  StaffServicesDocument,
  StaffWordsDocument,
} from "../../../../shared/gql/generated/admin-staff";
import { language, named, t } from "../../../../shared/i18n/text";
import { dayAndTime } from "../../../../shared/time";
import { useMe } from "../../../session/gate";
import { Empty } from "../../../ui/empty";
import { Loaded } from "../../../ui/loaded";
import { AccessCard } from "./access-card";
import { NameDialog } from "./name-dialog";
import { RolesCard } from "./roles-card";
import { SkillsCard } from "./skills-card";
import { personWords, type Words } from "./words";

/** One member of staff: who they are, what they may do, what they can do, and how they get in. */
export function MemberPage({ id }: { id: string }) {
  const [state, again] = useQuery({ query: StaffOneDocument, variables: { id } });
  const [words, wordsAgain] = useQuery({ query: StaffWordsDocument });
  const reload = () => again({ requestPolicy: "network-only" });
  const person = state.data?.staffMember;
  return (
    <>
      <p>
        <Link to="/admin/$section" params={{ section: "staff" }}>
          ← {t("staff.all")}
        </Link>
      </p>
      <Loaded state={state} again={again}>
        {state.data && !person && <Empty picture="search" text={t("staff.unknown")} />}
        {person && (
          <Loaded state={words} again={wordsAgain}>
            {words.data && <Member person={person} words={words.data} reload={reload} />}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}

export interface CardProps {
  person: StaffDetailsFragment;
  words: Words;
  /** Asks for the person anew, after a change. */
  reload: () => void;
}

function Member({ person, words, reload }: CardProps) {
  const me = useMe();
  const [renaming, setRenaming] = useState(false);
  const [services] = useQuery({ query: StaffServicesDocument });
  const known = new Map(
    services.data?.branches.flatMap(branch => branch.services).map(one => [one.code, named(one.name)]),
  );
  const isOpen = person.mayManage && !person.dismissed;
  return (
    <>
      <div className="title">
        <div>
          <h1>{personWords(person)}</h1>
          <p className="dim">
            {[
              person.email,
              person.joinedAt && t("staff.since", { time: dayAndTime(person.joinedAt, language()) }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
        {isOpen && (
          <Button variant="default" onClick={() => setRenaming(true)}>
            {t("staff.change")}
          </Button>
        )}
      </div>
      {person.dismissed && <p className="failure">{t("staff.is-dismissed")}</p>}
      <RolesCard person={person} words={words} reload={reload} />
      <SkillsCard person={person} words={words} reload={reload} services={known} />
      {isOpen && <AccessCard person={person} words={words} reload={reload} />}
      {me.permissions.includes("READ_HISTORY") && (
        <p>
          <Link to="/admin/$section/$id" params={{ section: "journal", id: `staff:${person.id}` }}>
            {t("staff.journal")}
          </Link>
        </p>
      )}
      {renaming && <NameDialog person={person} onDone={reload} onClose={() => setRenaming(false)} />}
    </>
  );
}
