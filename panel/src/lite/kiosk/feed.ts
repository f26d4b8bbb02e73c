import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../../shared/http";
import { ServerClock } from "../../shared/time";
import type { Board, Catalogue } from "../board-feed";
import { keep, kept } from "../kept";
import { follow, type Link } from "../live";

const offlineAfterMs = 12_000;
const keptMs = 12 * 3600_000;

/** The catalogue of the branch and its live counts. */
export function useKioskFeed(branch: string, onReload: () => void) {
  const clock = useRef(new ServerClock()).current;
  const version = useRef(0);
  const [catalogue, setCatalogue] = useState(() => kept<Catalogue>(`catalogue.${branch}`, keptMs));
  const [board, setBoard] = useState<Board | null>(null);
  const [link, setLink] = useState<Link>("connecting");
  const [unknown, setUnknown] = useState(false);

  useEffect(() => {
    void ask("/auth/device").then(answer => {
      if (answer.ok === false && answer.problem.status === 401) pairFirst();
    });
    const load = async () => {
      const answer = await ask<Catalogue>(`/api/v1/branches/${branch}`);
      if (answer.ok !== true) return;
      version.current = answer.body.settingsVersion;
      keep(`catalogue.${branch}`, answer.body);
      setCatalogue(answer.body);
    };
    return follow<Board>({
      url: `/live/board/${branch}`,
      event: "board",
      offlineAfterMs,
      onLink: setLink,
      onReload,
      onRefused: status => (status === 404 ? setUnknown(true) : pairFirst()),
      onMessage: message => {
        clock.learn(message.serverTime);
        setBoard(last => {
          // The day's hours are part of the catalogue and change with the day's state.
          const isOther =
            message.settingsVersion !== version.current ||
            last?.catalogueVersion !== message.catalogueVersion ||
            last?.state !== message.state;
          if (isOther) void load();
          return message;
        });
      },
    });
  }, [branch]);

  return { catalogue, board, link, unknown, clock };
}

function pairFirst(): void {
  location.assign(`/pair?to=${encodeURIComponent(location.pathname + location.search)}`);
}
