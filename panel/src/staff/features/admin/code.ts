const letters: Record<string, string> = {
  а: "a",
  б: "b",
  в: "v",
  г: "g",
  д: "d",
  е: "e",
  ё: "e",
  ж: "zh",
  з: "z",
  и: "i",
  й: "y",
  к: "k",
  л: "l",
  м: "m",
  н: "n",
  о: "o",
  п: "p",
  р: "r",
  с: "s",
  т: "t",
  у: "u",
  ф: "f",
  х: "h",
  ц: "c",
  ч: "ch",
  ш: "sh",
  щ: "sch",
  ъ: "",
  ы: "y",
  ь: "",
  э: "e",
  ю: "yu",
  я: "ya",
};

/** A code for a new thing out of its name: small Latin letters, digits and dashes; never one that is taken. */
export function codeFor(name: string, taken: readonly string[]): string {
  const plain = [...name.toLowerCase()]
    .map(sign => letters[sign] ?? sign)
    .join("")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  const code = plain || "new";
  if (!taken.includes(code)) return code;
  for (let number = 2; ; number++) if (!taken.includes(`${code}-${number}`)) return `${code}-${number}`;
}
