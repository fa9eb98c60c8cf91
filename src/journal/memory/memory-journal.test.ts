import { journalContract } from "../contract.ts";
import { openMemoryJournal } from "./memory-journal.ts";
import { MemoryStore } from "./memory-store.ts";

journalContract("memory", () => {
  const store = new MemoryStore();
  return { open: () => openMemoryJournal(store), depose: () => store.depose() };
});
