import { Button } from "@mantine/core";
import type { PictureName } from "../../shared/pictures";
import { Picture } from "./picture";

interface Props {
  picture?: PictureName;
  title: string;
  hint?: string;
  code?: string;
  action?: { label: string; href: string } | { label: string; press: () => void };
}

/** One message instead of a page: what is so and what to do next. */
export function Message({ picture, title, hint, code, action }: Props) {
  return (
    <main className="message">
      {picture && <Picture name={picture} />}
      <h1>{title}</h1>
      {hint && <p>{hint}</p>}
      {action && "href" in action && (
        <Button component="a" href={action.href} size="md">
          {action.label}
        </Button>
      )}
      {action && "press" in action && (
        <Button size="md" onClick={action.press}>
          {action.label}
        </Button>
      )}
      {code && <p className="code">{code}</p>}
    </main>
  );
}
