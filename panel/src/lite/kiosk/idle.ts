import { useEffect, useRef, useState } from "preact/hooks";

/**
 * Seconds left before the screen returns to the start, or null while the person is active.
 * Any touch or key brings it back to null.
 */
export function useIdle(
  active: boolean,
  idleSeconds: number,
  countdownSeconds: number,
  onIdle: () => void,
): number | null {
  const [left, setLeft] = useState<number | null>(null);
  const touchedAt = useRef(Date.now());

  useEffect(() => {
    touchedAt.current = Date.now();
    setLeft(null);
    if (!active) return;
    const touch = () => {
      touchedAt.current = Date.now();
      setLeft(null);
    };
    const timer = setInterval(() => {
      const still = (Date.now() - touchedAt.current) / 1000;
      if (still >= idleSeconds + countdownSeconds) onIdle();
      else if (still >= idleSeconds) setLeft(Math.ceil(idleSeconds + countdownSeconds - still));
    }, 250);
    addEventListener("pointerdown", touch);
    addEventListener("keydown", touch);
    return () => {
      clearInterval(timer);
      removeEventListener("pointerdown", touch);
      removeEventListener("keydown", touch);
    };
  }, [active, idleSeconds, countdownSeconds]);

  return left;
}
