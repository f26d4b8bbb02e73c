import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { t } from "../../../shared/i18n/text";
import type { Kind } from "../login/codes";
import { useWays } from "../login/ways";

const ContactDialog = lazy(() => import("./contact-dialog"));

const kinds: Kind[] = ["phone", "email"];

/** Another phone or address to be known by, proven by a code that comes to it. */
export function AddContact({ onAdded }: { onAdded: () => void }) {
  const ways = useWays();
  const [adding, setAdding] = useState<Kind | null>(null);
  const [added, setAdded] = useState<string | null>(null);
  const title = (kind: Kind) => t(kind === "phone" ? "mine.add-phone" : "mine.add-email");
  const done = (value: string) => {
    setAdding(null);
    setAdded(value);
    onAdded();
  };
  return (
    <>
      <div className="row">
        {kinds
          .filter(kind => ways?.[kind])
          .map(kind => (
            <Button
              key={kind}
              variant="default"
              onClick={() => {
                setAdded(null);
                setAdding(kind);
              }}
            >
              {title(kind)}
            </Button>
          ))}
        <span role="status" className="saved">
          {added ? t("mine.added", { value: added }) : ""}
        </span>
      </div>
      {adding && (
        <Suspense>
          <ContactDialog kind={adding} title={title(adding)} onDone={done} onClose={() => setAdding(null)} />
        </Suspense>
      )}
    </>
  );
}
