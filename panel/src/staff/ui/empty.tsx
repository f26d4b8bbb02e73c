import type { ReactNode } from "react";
import type { PictureName } from "../../shared/pictures";
import { Picture } from "./picture";

interface Props {
  picture: PictureName;
  text: string;
  /** The next step, where there is one. */
  children?: ReactNode;
}

/** A place with nothing in it yet: a drawing, one sentence, and what to do. */
export function Empty({ picture, text, children }: Props) {
  return (
    <div className="empty">
      <Picture name={picture} />
      <p>{text}</p>
      {children}
    </div>
  );
}
