import { deepEqual, equal, rejects } from "node:assert/strict";
import { brief, type Declare, describe, fill, leading, queued } from "./bed.ts";

export function readingContract(promise: Declare): void {
  promise("an empty journal has no batches and no snapshot", async (bed) => {
    const journal = await bed.open();
    deepEqual(await brief(journal.read(0n)), []);
    equal(await journal.latestSnapshot(), null);
  });

  promise("reads from any event on, with the whole batch when that lies in the middle of one", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["ab", "cde", "f"]);
    const all = ["2:ab", "5:cde", "6:f"];
    const skipped = [0, 0, 1, 1, 1, 2, 3, 3];
    for (const [fromSeq, count] of skipped.entries()) {
      deepEqual(await brief(journal.read(BigInt(fromSeq))), all.slice(count), `from ${fromSeq}`);
    }
  });

  promise("reads many batches in order, for several readers at once", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const batches = Array.from({ length: 300 }, (_, index) => (index % 2 ? "x" : "yz"));
    await fill(journal, epoch, batches);
    const [one, other] = await Promise.all([brief(journal.read(0n)), brief(journal.read(0n))]);
    deepEqual(
      one.map((text) => text.split(":")[1]),
      batches,
    );
    deepEqual(other, one);
  });

  promise("a reader that stops early leaves the journal usable", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const last = await fill(journal, epoch, ["a", "b"]);
    for await (const _ of journal.read(0n)) break;
    equal(await journal.append(epoch, last, "b3", queued("c")), 3n);
  });

  promise("watch gives what is there and then what is new, each batch once", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const last = await fill(journal, epoch, ["a", "bc"]);
    const seen: string[] = [];
    for await (const batch of journal.watch(1n)) {
      seen.push(describe(batch));
      if (seen.length === 1) await fill(journal, epoch, ["d", "ef"], last);
      if (seen.length === 3) break;
    }
    deepEqual(seen, ["3:bc", "4:d", "6:ef"]);
  });

  promise("watch wakes each watcher that waits", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const watchers = [0, 1].map(() => journal.watch(0n)[Symbol.asyncIterator]());
    const waiting = watchers.map((watcher) => watcher.next());
    await fill(journal, epoch, ["a"]);
    for (const { value } of await Promise.all(waiting)) equal(describe(value), "1:a");
    for (const watcher of watchers) await watcher.return?.();
  });

  promise("watch ends when the reader stops, also while it waits", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const watcher = journal.watch(0n)[Symbol.asyncIterator]();
    const waiting = watcher.next();
    await watcher.return?.();
    equal((await waiting).done, true);
    await fill(journal, epoch, ["a"]);
    equal((await watcher.next()).done, true);
  });

  promise("watch ends when the journal is closed", async (bed) => {
    const { journal } = await leading(bed);
    const waiting = journal.watch(0n)[Symbol.asyncIterator]().next();
    await journal.close();
    equal((await waiting).done, true);
  });

  promise("refuses to be read after it was closed", async (bed) => {
    const journal = await bed.open();
    await journal.close();
    await rejects(async () => brief(journal.read(0n)), { name: "AssertionError" });
  });
}
