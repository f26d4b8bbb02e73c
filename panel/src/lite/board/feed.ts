import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../../shared/http";
import { ServerClock } from "../../shared/time";
import type { Board, Catalogue } from "../board-feed";
import { keep, kept } from "../kept";
import { follow, type Link } from "../live";

export type Feed = { kind: "waiting" } | { kind: "unknown" } | { kind: "board"; board: Board };

const offlineAfterMs = 5_000;
const keptMs = 12 * 3600_000;

interface Options {
  branch: string;
  onBoard: (board: Board, catalogue: Catalogue | null, now: number) => void;
  onReload: () => void;
}

/** The branch's board as it stands, from the line or, after a restart without one, from the last time. */
export function useBoardFeed({ branch, onBoard, onReload }: Options) {
  const clock = useRef(new ServerClock()).current;
  const catalogue = useRef<Catalogue | null>(kept<Catalogue>(`catalogue.${branch}`, keptMs));
  const shown = useRef<number | null>(null);
  const [feed, setFeed] = useState<Feed>(() => {
    const board = kept<Board>(`board.${branch}`, keptMs);
    return board ? { kind: "board", board } : { kind: "waiting" };
  });
  const [link, setLink] = useState<Link>("connecting");

  useEffect(() => {
    let loading: Promise<void> | null = null;
    const load = async () => {
      const answer = await ask<Catalogue>(`/api/v1/branches/${branch}`);
      if (answer.ok !== true) return;
      catalogue.current = answer.body;
      keep(`catalogue.${branch}`, answer.body);
    };
    return follow<Board>({
      url: `/live/board/${branch}`,
      event: "board",
      offlineAfterMs,
      onLink: setLink,
      onReload,
      onRefused: status => {
        if (status === 404) setFeed({ kind: "unknown" });
        else location.assign(`/pair?to=${encodeURIComponent(location.pathname + location.search)}`);
      },
      onMessage: async board => {
        clock.learn(board.serverTime);
        keep(`board.${branch}`, board);
        setFeed({ kind: "board", board });
        const isOther =
          catalogue.current?.settingsVersion !== board.settingsVersion ||
          shown.current !== board.catalogueVersion;
        shown.current = board.catalogueVersion;
        if (isOther) {
          loading ??= load().then(() => {
            loading = null;
          });
          await loading;
        }
        onBoard(board, catalogue.current, clock.now());
      },
    });
  }, [branch]);

  return { feed, link, clock, catalogue: catalogue.current };
}
