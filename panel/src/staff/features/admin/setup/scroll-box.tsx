import type { ReactNode } from "react";

/** A long table in a box of its own that a keyboard can reach and scroll. */
export function ScrollBox({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="scroll-box" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
