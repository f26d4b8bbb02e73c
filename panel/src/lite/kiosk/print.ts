import { useEffect, useState } from "preact/hooks";

export type PrintState = "off" | "printing" | "printed" | "broken";

// A browser in kiosk printing reports the end of a print at once; silence means the printer is stuck.
const stuckMs = 8_000;

/** Prints the page once, after the number is on the screen, and tells how that went. */
export function usePrint(wanted: boolean): PrintState {
  const [state, setState] = useState<PrintState>(wanted ? "printing" : "off");
  useEffect(() => {
    if (!wanted) return;
    const done = () => setState("printed");
    addEventListener("afterprint", done);
    const start = setTimeout(() => {
      try {
        window.print();
      } catch {
        setState("broken");
      }
    }, 150);
    const stuck = setTimeout(() => setState(last => (last === "printing" ? "broken" : last)), stuckMs);
    return () => {
      removeEventListener("afterprint", done);
      clearTimeout(start);
      clearTimeout(stuck);
    };
  }, [wanted]);
  return state;
}
