import { useEffect, useRef, useState } from "react";

/** Whether this tab is the one that works; opening another makes the earlier one read-only. */
export function useOneTab(name: string): { active: boolean; takeHere: () => void } {
  const [active, setActive] = useState(true);
  const channel = useRef<BroadcastChannel | null>(null);
  useEffect(() => {
    const line = new BroadcastChannel(`talon.${name}`);
    channel.current = line;
    line.onmessage = () => setActive(false);
    line.postMessage("here");
    return () => line.close();
  }, [name]);
  const takeHere = () => {
    channel.current?.postMessage("here");
    setActive(true);
  };
  return { active, takeHere };
}
