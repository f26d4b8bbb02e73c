const twins: Record<string, string> = {
  А: "A",
  В: "B",
  Е: "E",
  К: "K",
  М: "M",
  Н: "H",
  Р: "P",
  С: "C",
  Т: "T",
  У: "Y",
  Х: "X",
};

/** The Latin letter that looks the same as the Cyrillic one of a ticket number. */
export function latinTwin(letter: string): string {
  return twins[letter] ?? letter;
}

/** A ticket number as shown to people: the letter, a thin gap, the digits; English text uses the twin. */
export function shownNumber(number: string, language: string): string {
  const match = /^(\D+)(\d+)$/.exec(number);
  if (!match) return number;
  const [, letters = "", digits = ""] = match;
  const shown = language === "en" ? [...letters].map(latinTwin).join("") : letters;
  return `${shown}\u202f${digits}`;
}
