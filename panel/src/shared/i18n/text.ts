import { setupI18n } from "@lingui/core";
import type { TextId } from "./generated/ids";

export type Language = "ru" | "en";
export type { TextId };
export interface LocalText {
  ru: string;
  en: string;
}

const books = { ru: setupI18n(), en: setupI18n() };
const listeners = new Set<() => void>();
let current: Language = "ru";

/** Loads the page's own texts and sets the language; called once before the first render. */
export function startTexts(catalogues: Record<Language, unknown>, language: Language): void {
  addTexts(catalogues);
  setLanguage(language);
}

/** Adds the texts of a part of the page that is loaded later than the page. */
export function addTexts(catalogues: Record<Language, unknown>): void {
  for (const name of ["ru", "en"] as const) {
    books[name].load(name, catalogues[name] as Record<string, string>);
    books[name].activate(name);
  }
}

export function setLanguage(language: Language): void {
  current = language;
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

export function language(): Language {
  return current;
}

/** Calls `listener` after each change of language, until the returned function is called. */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function t(id: TextId, values?: Record<string, unknown>): string {
  return books[current]._(id, values);
}

/** The text of a name made at run time, or null when there is none. */
export function maybe(id: string): string | null {
  const text = books[current]._(id);
  return text === id ? null : text;
}

/** A text in a language of its own, for screens that show both at once. */
export function textIn(language: Language, id: TextId, values?: Record<string, unknown>): string {
  return books[language]._(id, values);
}

/** The name in the page's language, of a thing that carries its names with it. */
export function named(text: LocalText): string {
  return (current === "en" ? text.en : text.ru) || text.ru;
}

/** The language asked for by `?lang=`, remembered from before, or the browser's own. */
export function preferredLanguage(): Language {
  const asked = new URLSearchParams(location.search).get("lang") ?? remembered();
  if (asked === "en" || asked === "ru") return asked;
  return navigator.language.startsWith("ru") ? "ru" : "en";
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem("talon.language", language);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem("talon.language");
  } catch {
    return null;
  }
}
