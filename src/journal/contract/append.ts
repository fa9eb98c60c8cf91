import { deepEqual, equal, rejects } from "node:assert/strict";
import { brief, collect, type Declare, fill, leading, queued } from "./bed.ts";

export function appendContract(promise: Declare): void {
  promise("numbers events from 1 without gaps, and answers with the last number of each batch", async (bed) => {
    const { journal, epoch } = await leading(bed);
    equal(await journal.append(epoch, 0n, "b1", queued("a")), 1n);
    equal(await journal.append(epoch, 1n, "b2", queued("bcd")), 4n);
    equal(await journal.append(epoch, 4n, "b3", queued("e")), 5n);
    deepEqual(await brief(journal.read(0n)), ["1:a", "4:bcd", "5:e"]);
  });

  promise("gives back exactly what was appended", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const events = queued("ab");
    await journal.append(epoch, 0n, "the-batch", events);
    deepEqual(await collect(journal.read(0n)), [{ seq: 2n, epoch, batchId: "the-batch", events }]);
  });

  promise("refuses an append that expects an older or a later end, and writes nothing of it", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["ab"]);
    for (const expected of [0n, 1n, 3n]) {
      await rejects(journal.append(epoch, expected, "other", queued("x")), { code: "JOURNAL_CONFLICT" });
    }
    deepEqual(await brief(journal.read(0n)), ["2:ab"]);
  });

  promise("answers a repeat of the newest batch as it did at first, and writes it once", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["ab", "c"]);
    equal(await journal.append(epoch, 2n, "b2", queued("c")), 3n);
    equal(await journal.append(epoch, 2n, "b2", queued("c")), 3n);
    deepEqual(await brief(journal.read(0n)), ["2:ab", "3:c"]);
  });

  promise("refuses a repeat of the newest batch that expects another end", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["ab", "c"]);
    await rejects(journal.append(epoch, 0n, "b2", queued("c")), { code: "JOURNAL_CONFLICT" });
  });

  promise("refuses a repeat of an older batch", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["ab", "c"]);
    await rejects(journal.append(epoch, 0n, "b1", queued("ab")), { code: "JOURNAL_CONFLICT" });
  });

  promise("lets one of two appends that expect the same end win", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const both = await Promise.allSettled(["x", "y"].map((id) => journal.append(epoch, 0n, id, queued(id))));
    deepEqual(both.map((one) => one.status).sort(), ["fulfilled", "rejected"]);
    equal((await brief(journal.read(0n))).length, 1);
  });

  promise("holds a batch to be our bug when it has no events", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await rejects(journal.append(epoch, 0n, "b1", []), { name: "AssertionError" });
  });

  promise("keeps what was appended when it is closed and opened again", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["ab", "c"]);
    await journal.close();
    const next = await leading(bed);
    deepEqual(await brief(next.journal.read(0n)), ["2:ab", "3:c"]);
    equal(await next.journal.append(next.epoch, 3n, "b3", queued("d")), 4n);
  });

  promise("closes twice, and refuses to be used after that", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await journal.close();
    await journal.close();
    await rejects(journal.append(epoch, 0n, "b1", queued("a")), { name: "AssertionError" });
  });
}
