export type { Batch, Journal, JournalReader, KeptPart, Leadership, Snapshot } from "./journal.ts";
export { openMemoryJournal } from "./memory/memory-journal.ts";
export { MemoryStore } from "./memory/memory-store.ts";
export { type BackedUp, backUpJournal, epochOf, restoreJournal } from "./sqlite/backup.ts";
export type { SqliteJournalOptions } from "./sqlite/options.ts";
export { openSqliteJournal } from "./sqlite/sqlite-journal.ts";
export { readSqliteJournal } from "./sqlite/sqlite-reader.ts";
