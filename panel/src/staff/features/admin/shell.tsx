import { Link, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { Suspense, useEffect } from "react";
import { t } from "../../../shared/i18n/text";
import { paths } from "../../paths";
import { Gate, useMe } from "../../session/gate";
import { Message } from "../../ui/message";
import { Select } from "../../ui/select";
import { Top } from "../../ui/top";
import { sectionPages } from "./section-pages";
import { anyAdmin, type Section, sectionsFor } from "./sections";

/** The frame of the administration: its menu at the side, or above on a narrow screen. */
export function AdminShell() {
  return (
    <Gate any={anyAdmin}>
      <Frame />
    </Gate>
  );
}

function Frame() {
  const open = sectionsFor(useMe().permissions);
  const { section } = useParams({ strict: false }) as { section?: string };
  const navigate = useNavigate();
  return (
    <>
      <Top title={t("admin.title")} />
      <div className="admin">
        <nav aria-label={t("admin.sections")}>
          <ul>
            {open.map(one => (
              <li key={one.code}>
                <Link
                  to="/admin/$section"
                  params={{ section: one.code }}
                  aria-current={one.code === section ? "page" : undefined}
                >
                  {t(one.name)}
                </Link>
              </li>
            ))}
          </ul>
          <div className="narrow">
            <Select
              label={t("admin.section")}
              value={section ?? ""}
              onChange={code => void navigate({ href: `${paths.admin}/${code}` })}
              data={open.map(one => ({ value: one.code, label: t(one.name) }))}
            />
          </div>
        </nav>
        <Outlet />
      </div>
    </>
  );
}

/** The administration opens at its first section. */
export function AdminIndex() {
  const [first] = sectionsFor(useMe().permissions);
  const navigate = useNavigate();
  useEffect(() => {
    if (first) void navigate({ href: hrefOf(first), replace: true });
  }, [first, navigate]);
  return null;
}

export function AdminSection() {
  const params = useParams({ strict: false }) as { section?: string; id?: string };
  const section = sectionsFor(useMe().permissions).find(one => one.code === params.section);
  if (!section) {
    const action = { label: t("app.back"), href: paths.admin };
    return <Message picture="signpost" title={t("missing.title")} hint={t("missing.hint")} action={action} />;
  }
  const Page = sectionPages[section.code];
  document.title = `${t(section.name)} — ${t("admin.title")}`;
  return (
    <main className="section" key={section.code}>
      <Suspense fallback={<div className="skeleton" />}>
        <Page id={params.id} />
      </Suspense>
    </main>
  );
}

function hrefOf(section: Section): string {
  return `${paths.admin}/${section.code}`;
}
