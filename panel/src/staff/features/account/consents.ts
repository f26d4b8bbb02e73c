import type { LocalText } from "../../../shared/i18n/text";

interface Text {
  purpose: string;
  version: number;
  text: LocalText;
  required: boolean;
}

interface Consent {
  purpose: string;
  textVersion: number;
  givenAt: string;
  withdrawnAt?: string | null;
}

export interface ConsentShown {
  purpose: string;
  /** The text in force; none when only an old consent is left. */
  version: number | null;
  text: LocalText | null;
  required: boolean;
  /** `old`: given to a text that another has followed. */
  state: "none" | "given" | "old" | "withdrawn";
  at: string | null;
}

/** Every text in force with what the person said to it, then what they said to texts that are gone. */
export function consentsShown(texts: readonly Text[], consents: readonly Consent[]): ConsentShown[] {
  const said = (purpose: string) => consents.find(one => one.purpose === purpose);
  const inForce = texts.map(text => {
    const consent = said(text.purpose);
    const { purpose, version, required } = text;
    return { purpose, version, text: text.text, required, ...stateOf(consent, version) };
  });
  const left = consents
    .filter(one => !one.withdrawnAt && !texts.some(text => text.purpose === one.purpose))
    .map(one => ({
      purpose: one.purpose,
      version: null,
      text: null,
      required: false,
      ...stateOf(one, one.textVersion),
    }));
  return [...inForce, ...left];
}

function stateOf(consent: Consent | undefined, version: number): Pick<ConsentShown, "state" | "at"> {
  if (!consent) return { state: "none", at: null };
  if (consent.withdrawnAt) return { state: "withdrawn", at: consent.withdrawnAt };
  return { state: consent.textVersion < version ? "old" : "given", at: consent.givenAt };
}
