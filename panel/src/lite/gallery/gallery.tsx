import type { ComponentChildren } from "preact";
import type { Board, Catalogue } from "../board-feed";
import { Place, Tools } from "../kiosk/header";
import type { Intent, IssuedTicket } from "../kiosk/issue";
import { HelpScreen, Notice } from "../kiosk/notice";
import { ReasonsScreen } from "../kiosk/reasons";
import { ServicesScreen } from "../kiosk/services";
import { TicketScreen } from "../kiosk/ticket";
import { board, catalogue, now, ticket } from "./samples";

const nothing = () => {};

/** Every screen of the kiosk in every state. Development builds only; its pictures are compared. */
export function Gallery() {
  return (
    <div class="gallery">
      <Screen name="services">
        <Services catalogue={catalogue} board={board} locked="letter" />
      </Screen>
      <Screen name="many">
        <Services catalogue={manyGroups} board={board} locked={null} />
      </Screen>
      <Screen name="reasons">
        <ReasonsScreen catalogue={catalogue} onReason={nothing} onBack={nothing} />
      </Screen>
      <Screen name="help">
        <HelpScreen onBack={nothing} />
      </Screen>
      <Screen name="ticket">
        <TicketScreen
          ticket={ticket as IssuedTicket}
          intent={intent}
          catalogue={catalogue}
          onDone={nothing}
        />
      </Screen>
      <section data-gallery="notices">
        <h2>notices</h2>
        <div class="kiosk notices">
          <Notice picture="closed" title="Приём окончен" hint="Откроемся завтра в 09:00" />
          <Notice
            picture="pause"
            title="Сейчас талоны не выдаются"
            hint="Все, кто уже взял талон, будут приняты."
          />
          <Notice picture="unplugged" title="Нет связи" hint="Возьмите талон у сотрудника." />
          <Notice
            picture="torn"
            title="Не получилось взять талон"
            code="UNREACHABLE"
            actions={[
              { label: "Повторить", onPress: nothing, main: true },
              { label: "В начало", onPress: nothing },
            ]}
          />
        </div>
      </section>
    </div>
  );
}

const intent: Intent = {
  id: "1",
  service: "letter",
  reasonCode: null,
  classCode: "standard",
  language: "ru",
};
const manyGroups: Catalogue = {
  ...catalogue,
  groups: ["А", "В", "Е", "К", "М"].flatMap(letter =>
    catalogue.groups.slice(0, 2).map(group => ({ ...group, code: group.code + letter })),
  ),
};

function Screen({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <section data-gallery={name}>
      <h2>{name}</h2>
      <div class="kiosk">
        <header class="top">
          <Place catalogue={catalogue} now={now} />
          <Tools large={false} onLarge={nothing} onHelp={nothing} />
        </header>
        <main>{children}</main>
      </div>
    </section>
  );
}

function Services(props: { catalogue: Catalogue; board: Board; locked: string | null }) {
  return (
    <ServicesScreen
      {...props}
      group={null}
      privilege={null}
      large={false}
      now={now}
      onGroup={nothing}
      onService={nothing}
      onPriority={nothing}
      onPriorityOff={nothing}
    />
  );
}
