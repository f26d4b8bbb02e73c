import { useCallback, useEffect, useState } from "react";
import { QueueChangedDocument, WindowChangedDocument } from "../../../shared/gql/generated/operator";
import { arrival } from "../../../shared/position";
import { client } from "../../live/client";
import { liveLink } from "../../live/link";
import { type QueueView, received } from "./queue";
import type { WindowView } from "./types";

export interface Seen {
  position: string;
  window: WindowView;
}

/** The operator's window, live; answers of commands are laid in as they come. */
export function useWindowFeed(branch: string, code: string) {
  const [seen, setSeen] = useState<Seen | null>(null);
  const answered = useCallback(
    (window: WindowView | null | undefined, position: string | null | undefined) => {
      if (window && position) setSeen(last => afterAnswer(last, { window, position }));
    },
    [],
  );
  useEffect(() => {
    const feed = client.subscription(WindowChangedDocument, { branch, window: code }).subscribe(result => {
      const message = result.data?.windowChanged;
      if (!message) return;
      liveLink.up();
      setSeen(last => (last && arrival(last.position, message.position) === "older" ? last : message));
    });
    return () => feed.unsubscribe();
  }, [branch, code]);
  return { window: seen?.window ?? null, answered };
}

/**
 * The window after the answer of a command. What the feed has brought of the same position says more, since an
 * answer does not name who is next; until the feed does, the one known before stays.
 */
export function afterAnswer(last: Seen | null, answer: Seen): Seen {
  if (!last) return answer;
  const order = arrival(last.position, answer.position);
  if (order === "older" || order === "same") return last;
  const { next } = last.window;
  const known = next && next.ticket.id !== answer.window.ticket?.id ? next : null;
  return { ...answer, window: { ...answer.window, next: answer.window.next ?? known } };
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
