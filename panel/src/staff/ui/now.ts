import { useEffect, useState } from "react";
import { clock } from "../live/client";

/** The server's time, renewed four times a second so that no shown second is skipped. */
export function useNow(): number {
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return now;
}
