import { usefulMinutes } from "../shared/time";

/** How long the wait takes for half of people and for four in five. */
export interface Quote {
  p50Seconds: number;
  p80Seconds: number;
}

/** «12–18», or one figure when both ends are the same. */
export function quoteRange(quote: Quote): string {
  const low = usefulMinutes(quote.p50Seconds);
  const high = usefulMinutes(quote.p80Seconds);
  return low >= high ? String(high) : `${low}–${high}`;
}
