import type { ReactNode } from "react";
import { t } from "../../../shared/i18n/text";
import { paths } from "../../paths";
import { Top } from "../../ui/top";

/** The frame of every page in front of the house: one thing to do, in the middle. */
export function DoorPage({ title, children }: { title: string; children: ReactNode }) {
  document.title = title;
  return (
    <>
      <Top title={t("app.name")} />
      <main className="door">
        <h1>{title}</h1>
        {children}
        <a href={paths.home}>{t("shell.home")}</a>
      </main>
    </>
  );
}
