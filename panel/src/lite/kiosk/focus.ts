import { useEffect, useRef } from "preact/hooks";

/** After each change of the screen the keyboard and the screen reader start at its heading. */
export function useFocusOnHeading(screen: string): void {
  useAfterChange(screen, () => {
    const heading = document.querySelector<HTMLElement>("main h1");
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
  });
}

/** The buttons of the header move when the letters grow; the focus goes with the one that was pressed. */
export function useFocusOnLarge(large: boolean): void {
  useAfterChange(large, () => document.querySelector<HTMLElement>(".larger")?.focus());
}

function useAfterChange(value: unknown, act: () => void): void {
  const last = useRef(value);
  useEffect(() => {
    if (last.current === value) return;
    last.current = value;
    act();
  }, [value]);
}
