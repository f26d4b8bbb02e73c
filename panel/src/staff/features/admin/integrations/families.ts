/** The families of events (`ticket` of `ticket.called`), each once, in the order of the list. */
export function families(kinds: readonly string[]): string[] {
  return [...new Set(kinds.map(kind => kind.split(".")[0] ?? kind))];
}
