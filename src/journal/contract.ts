/** The promises every journal keeps. Each implementation's test file calls this once. */
import type { TestContext } from "node:test";
import { appendContract } from "./contract/append.ts";
import { declarer, type Storage } from "./contract/bed.ts";
import { keptContract } from "./contract/kept.ts";
import { leadershipContract } from "./contract/leadership.ts";
import { readingContract } from "./contract/reading.ts";
import { snapshotContract } from "./contract/snapshots.ts";

/** `prepare` gives each test storage that nobody used before, and cleans up through its context. */
export function journalContract(name: string, prepare: (context: TestContext) => Storage | Promise<Storage>): void {
  const promise = declarer(name, prepare);
  appendContract(promise);
  leadershipContract(promise);
  readingContract(promise);
  snapshotContract(promise);
  keptContract(promise);
}
