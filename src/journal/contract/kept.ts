import { deepEqual, rejects } from "node:assert/strict";
import type { Journal } from "../journal.ts";
import { collect, type Declare, keptPart, leading } from "./bed.ts";

export function keptContract(promise: Declare): void {
  promise("gives back the parts that were kept, in their order, also to the next leader", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await journal.keep(epoch, keptPart("b", { part: 1 }));
    await journal.keep(epoch, keptPart("a"));
    await journal.keep(epoch, keptPart("other", { key: "t2" }));
    deepEqual(await textsOf(journal, "v1", 2), ["a", "b"]);
    await journal.close();
    const next = await leading(bed);
    deepEqual(await textsOf(next.journal, "v1", 2), ["a", "b"]);
    deepEqual(await textsOf(next.journal, "v1", 1), ["a"]);
  });

  promise("a part that is kept again is replaced", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await journal.keep(epoch, keptPart("a"));
    await journal.keep(epoch, keptPart("b"));
    deepEqual(await textsOf(journal, "v1", 1), ["b"]);
  });

  promise("refuses to read parts that were never kept, rather than to give fewer", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await journal.keep(epoch, keptPart("a"));
    const corrupt = { code: "JOURNAL_CORRUPT" };
    await rejects(textsOf(journal, "v1", 2), corrupt);
    await rejects(textsOf(journal, "v2", 1), corrupt);
  });

  promise("drops all versions of a key but one, and no other key", async (bed) => {
    const { journal, epoch } = await leading(bed);
    for (const version of ["v1", "v2"]) await journal.keep(epoch, keptPart(version, { version }));
    await journal.keep(epoch, keptPart("other", { key: "t2" }));
    await journal.dropOthers(epoch, "t1", "v2");
    await rejects(textsOf(journal, "v1", 1), { code: "JOURNAL_CORRUPT" });
    deepEqual(await textsOf(journal, "v2", 1), ["v2"]);
    deepEqual(await textsOf(journal, "v1", 1, "t2"), ["other"]);
  });
}

async function textsOf(journal: Journal, version: string, parts: number, key = "t1"): Promise<string[]> {
  return (await collect(journal.kept(key, version, parts))).map((bytes) => Buffer.from(bytes).toString());
}
