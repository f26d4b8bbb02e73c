import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from "@mantine/core";

// Shade 8 is the house blue; `mantine.css` repeats the tuple for the stylesheet.
const blue: MantineColorsTuple = [
  "#eef4fb",
  "#dbe7f6",
  "#b7ceec",
  "#8fb2e0",
  "#6a98d5",
  "#4a82cb",
  "#2f6dbd",
  "#1a5dae",
  "#0b4f9e",
  "#083b76",
];

export const theme = createTheme({
  colors: { blue },
  primaryColor: "blue",
  primaryShade: 8,
  fontFamily: '"Golos Text", "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif',
});

/** Keeps the choice of light or dark in this browser; without a choice the system decides. */
export const schemeManager = localStorageColorSchemeManager({ key: "talon.scheme" });

/** The scheme to draw in right now. */
export function schemeNow(): "light" | "dark" {
  const chosen = schemeManager.get("auto");
  if (chosen !== "auto") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
