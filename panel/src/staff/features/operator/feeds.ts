import { useCallback, useEffect, useState } from "react";
import { QueueChangedDocument, WindowChangedDocument } from "../../../shared/gql/generated/graphql";
import { arrival } from "../../../shared/position";
import { client } from "../../live/client";
import { liveLink } from "../../live/link";
import { type QueueView, received } from "./queue";
import type { WindowView } from "./types";

interface Seen {
  position: string;
  window: WindowView;
}

/** The operator's window, live; answers of commands are laid in as they come. */
export function useWindowFeed(branch: string, code: string) {
  const [seen, setSeen] = useState<Seen | null>(null);
  const apply = useCallback((window: WindowView | null | undefined, position: string | null | undefined) => {
    if (!window) return;
    setSeen(last => {
      const at = position ?? last?.position ?? "";
      return last && arrival(last.position, at) === "older" ? last : { window, position: at };
    });
  }, []);
  useEffect(() => {
    const feed = client.subscription(WindowChangedDocument, { branch, window: code }).subscribe(result => {
      const message = result.data?.windowChanged;
      if (!message) return;
      liveLink.up();
      apply(message.window, message.position);
    });
    return () => feed.unsubscribe();
  }, [branch, code, apply]);
  return { window: seen?.window ?? null, apply };
}

/** The branch's queue, live. */
export function useQueueFeed(branch: string): QueueView | null {
  const [queue, setQueue] = useState<QueueView | null>(null);
  useEffect(() => {
    const feed = client.subscription(QueueChangedDocument, { branch }).subscribe(result => {
      const message = result.data?.queueChanged;
      if (message) setQueue(last => received(last, { ...message, snapshot: message.snapshot ?? null }));
    });
    return () => feed.unsubscribe();
  }, [branch]);
  return queue;
}
