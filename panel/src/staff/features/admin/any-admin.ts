/** What lets one into the administration at all; the sections name which of these opens each. */
export const anyAdmin = ["MANAGE_DEVICES", "READ_HISTORY"] as const;
