import { Alert, Button, Checkbox, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { CombinedError } from "@urql/core";
import { type ReactNode, useRef, useState } from "react";
import { type PictureName, pictures } from "../../shared/pictures";
import { abilities } from "../features/operator/abilities";
import { ActButton } from "../features/operator/act-button";
import { CurrentTicket } from "../features/operator/current-ticket";
import { NextTicket } from "../features/operator/next-ticket";
import { QueuePanel } from "../features/operator/queue-panel";
import type { WindowView } from "../features/operator/types";
import { UndoBar } from "../features/operator/undo-bar";
import { Checks } from "../ui/checks";
import { Choice } from "../ui/choice";
import { Secret } from "../ui/copy";
import { Digits } from "../ui/digits";
import { Empty } from "../ui/empty";
import { Failure } from "../ui/failure";
import { Loaded } from "../ui/loaded";
import { Message } from "../ui/message";
import { Select } from "../ui/select";
import { atWindow, branch, now, ticket, work } from "./samples";

/** Every piece the staff pages are made of, in every state. Development builds only; its pictures are compared. */
export function Gallery() {
  return (
    <main className="gallery">
      <h1>Галерея</h1>
      <Part name="colours">
        <Colours />
      </Part>
      <Part name="buttons">
        <Buttons />
      </Part>
      <Part name="fields">
        <Fields />
      </Part>
      <Part name="notices">
        <Notices />
      </Part>
      <Part name="pictures">
        <div className="tiles">
          {(Object.keys(pictures) as PictureName[]).map(name => (
            <Empty key={name} picture={name} text={name} />
          ))}
        </div>
      </Part>
      <Part name="ticket">
        <div className="pairs">
          {(["free", "called", "serving", "near", "over", "paused"] as const).map(state => (
            <AtWindow key={state} window={atWindow[state]} />
          ))}
        </div>
      </Part>
      <Part name="queue">
        <Queue />
      </Part>
      <Part name="steps">
        <Steps />
      </Part>
    </main>
  );
}

function Part({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section data-gallery={name}>
      <h2>{name}</h2>
      {children}
    </section>
  );
}

const colours =
  "primary primary-soft primary-fill ink ink-soft line edge page card call danger danger-soft good strong";

// Styled by a script: the policy of the real pages forbids the attribute, and so does this page's manner.
function Colours() {
  const paint = (box: HTMLDivElement | null, name: string) =>
    box?.style.setProperty("background", `var(--${name})`);
  return (
    <div className="tiles">
      {colours.split(" ").map(name => (
        <div key={name}>
          <div className="swatch" ref={box => void paint(box, name)} />
          <code>{name}</code>
        </div>
      ))}
    </div>
  );
}

function Buttons() {
  const variants = ["filled", "outline", "default", "light", "subtle"] as const;
  return (
    <>
      {variants.map(variant => (
        <div className="row" key={variant}>
          <Button variant={variant}>Обычная</Button>
          <Button variant={variant} disabled>
            Нельзя
          </Button>
          <Button variant={variant} loading>
            Ждёт
          </Button>
          <Button variant={variant} color="red">
            Опасная
          </Button>
        </div>
      ))}
      <div className="row">
        <span className="tag">льгота</span>
        <span className="tag off">отключено</span>
        <span className="tag line">возвращался</span>
        <kbd>F2</kbd>
      </div>
    </>
  );
}

function Fields() {
  const [choice, setChoice] = useState<"one" | "two">("one");
  const [checks, setChecks] = useState<string[]>(["one"]);
  const options = [
    { value: "one" as const, label: "Первое" },
    { value: "two" as const, label: "Второе" },
  ];
  return (
    <div className="pairs">
      <div className="form">
        <TextInput label="Название" description="Как на двери" defaultValue="Отделение № 1" />
        <TextInput label="С ошибкой" error="Такой код уже занят" defaultValue="centre" />
        <TextInput label="Закрыто" disabled defaultValue="не меняется" />
        <PasswordInput label="Пароль" defaultValue="secret" />
        <Textarea label="Заметка" description="Её увидят сотрудники" rows={2} />
      </div>
      <div className="form">
        <Select label="Список" value="one" data={options} onChange={() => {}} />
        <Choice label="Одно из" value={choice} options={options} onChange={setChoice} />
        <Checks label="Любые из" value={checks} options={options} onChange={setChecks} />
        <Checkbox label="Отдельно" defaultChecked />
        <Digits label="Код" value="123456" onChange={() => {}} />
      </div>
    </div>
  );
}

function Notices() {
  const error = new CombinedError({ networkError: new Error("unreachable") });
  return (
    <div className="pairs">
      <Failure text="Неверные данные" />
      <Alert color="red">А 105 уже вызван в окно 1</Alert>
      <Alert title="Вы работаете в другой вкладке">Одно окно — одна вкладка.</Alert>
      <p className="offline">Нет связи. Данные на 14:32:05.</p>
      <Loaded state={{}} again={() => {}}>
        {null}
      </Loaded>
      <Loaded state={{ error }} again={() => {}}>
        {null}
      </Loaded>
      <Secret label="Ключ показывается один раз" text="tln_5f2c…" />
      <Message
        picture="signpost"
        title="Такой страницы нет"
        hint="Проверьте адрес."
        action={{ label: "На главную", href: "#" }}
      />
    </div>
  );
}

function AtWindow({ window }: { window: WindowView }) {
  const main = useRef<HTMLButtonElement>(null);
  return (
    <CurrentTicket
      work={work()}
      window={window}
      able={abilities(window, now, false)}
      now={now}
      main={main}
      more={false}
      onMore={() => {}}
      press={() => {}}
    />
  );
}

function Queue() {
  const common = { window: atWindow.free, now, offline: false, onPick: () => {} };
  return (
    <div className="pairs">
      <div className="right">
        <NextTicket window={atWindow.free} branch={branch} />
        <QueuePanel work={work()} free {...common} />
      </div>
      <QueuePanel work={work([ticket("А001", { state: "NO_SHOW" })])} free={false} {...common} />
    </div>
  );
}

function Steps() {
  const press = () => {};
  return (
    <>
      <div className="pairs">
        <ActButton act="start" able={{ kind: "can" }} hint="F4" press={press} />
        <ActButton act="callNext" able={{ kind: "not-yet", why: "why.nobody" }} hint="F2" press={press} />
        <ActButton act="finish" able={{ kind: "can" }} hint="F9" busy press={press} />
        <ActButton act="finishNext" able={{ kind: "can" }} hint="Shift+F9" second press={press} />
        <ActButton
          act="recall"
          able={{ kind: "not-yet", why: "why.wait-recall", values: { seconds: 18 } }}
          hint="F3"
          small
          press={press}
        />
        <ActButton act="park" able={{ kind: "can" }} hint="F7" small press={press} />
      </div>
      <UndoBar window={atWindow.undo} acts={{} as never} now={now} />
    </>
  );
}
