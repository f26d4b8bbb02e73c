import { arrival } from "../../../shared/position";
import type { TicketView } from "./types";

export interface QueueView {
  position: string;
  tickets: ReadonlyMap<string, TicketView>;
}

export interface QueueMessage {
  position: string;
  snapshot: Record<"waiting" | "called" | "serving" | "parked" | "noShow", TicketView[]> | null;
  upserted: TicketView[];
  removed: string[];
}

/** The queue after one message: a snapshot starts over, a change is laid on top, a late one is dropped. */
export function received(queue: QueueView | null, message: QueueMessage): QueueView | null {
  const { position, snapshot } = message;
  if (snapshot) {
    if (queue && arrival(queue.position, position) === "older") return queue;
    const { waiting, called, serving, parked, noShow } = snapshot;
    const all = [...waiting, ...called, ...serving, ...parked, ...noShow];
    return { position, tickets: new Map(all.map(ticket => [ticket.id, ticket])) };
  }
  // A change without the whole it changes, or of another log, cannot be used; the snapshot follows.
  if (!queue || arrival(queue.position, position) !== "newer") return queue;
  const tickets = new Map(queue.tickets);
  for (const id of message.removed) tickets.delete(id);
  for (const ticket of message.upserted) tickets.set(ticket.id, ticket);
  return { position, tickets };
}

export function inState(queue: QueueView | null, state: TicketView["state"]): TicketView[] {
  if (!queue) return [];
  return [...queue.tickets.values()]
    .filter(ticket => ticket.state === state)
    .sort((left, right) => Date.parse(left.dueAt) - Date.parse(right.dueAt));
}
