import { deepEqual, equal, rejects } from "node:assert/strict";
import { brief, chunks, contentOf, type Declare, fill, leading, queued } from "./bed.ts";

export function snapshotContract(promise: Declare): void {
  promise("gives back the last snapshot, also when it is closed and opened again", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["ab", "c"]);
    await journal.saveSnapshot(epoch, 2n, chunks("one"));
    await journal.saveSnapshot(epoch, 3n, chunks("t", "w", "o"));
    equal(await contentOf(await journal.latestSnapshot()), "3:two");
    await journal.close();
    equal(await contentOf(await (await bed.open()).latestSnapshot()), "3:two");
  });

  promise("keeps the snapshot before the last, and none before that", async (bed) => {
    const { journal, epoch } = await leading(bed);
    equal(await journal.previousSnapshot(), null);
    await fill(journal, epoch, ["ab", "c", "d"]);
    await journal.saveSnapshot(epoch, 2n, chunks("one"));
    equal(await journal.previousSnapshot(), null);
    await journal.saveSnapshot(epoch, 3n, chunks("two"));
    equal(await contentOf(await journal.previousSnapshot()), "2:one");
    await journal.saveSnapshot(epoch, 4n, chunks("three"));
    await journal.close();

    const again = await bed.open();
    equal(await contentOf(await again.latestSnapshot()), "4:three");
    equal(await contentOf(await again.previousSnapshot()), "3:two");
  });

  promise("has all events since the snapshot before the last when truncated up to that one", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["a", "bc", "d", "e"]);
    await journal.saveSnapshot(epoch, 3n, chunks("abc"));
    await journal.saveSnapshot(epoch, 4n, chunks("abcd"));
    await journal.truncate(epoch, 3n);
    const previous = await journal.previousSnapshot();
    equal(await contentOf(previous), "3:abc");
    deepEqual(await brief(journal.read(3n)), ["4:d", "5:e"]);
  });

  promise("keeps an empty snapshot apart from none", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await journal.saveSnapshot(epoch, 0n, chunks());
    equal(await contentOf(await journal.latestSnapshot()), "0:");
  });

  promise("keeps the old snapshot until the new one is complete, and for good when that fails", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const last = await fill(journal, epoch, ["a"]);
    await journal.saveSnapshot(epoch, last, chunks("old"));
    await rejects(
      journal.saveSnapshot(
        epoch,
        last,
        (async function* () {
          yield Buffer.from("ne");
          equal(await contentOf(await journal.latestSnapshot()), "1:old");
          throw new Error("the state cannot be written");
        })(),
      ),
      { message: "the state cannot be written" },
    );
    equal(await contentOf(await journal.latestSnapshot()), "1:old");
  });

  promise("takes appends while a snapshot is being written", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const last = await fill(journal, epoch, ["a"]);
    async function* slow() {
      yield Buffer.from("sta");
      await journal.append(epoch, last, "b2", queued("b"));
      yield Buffer.from("te");
    }
    await journal.saveSnapshot(epoch, last, slow());
    equal(await contentOf(await journal.latestSnapshot()), "1:state");
    deepEqual(await brief(journal.read(last)), ["2:b"]);
  });

  promise("refuses a snapshot whose writer was replaced while it wrote", async (bed) => {
    const zombie = await leading(bed);
    const last = await fill(zombie.journal, zombie.epoch, ["a"]);
    async function* slow() {
      yield Buffer.from("z");
      await bed.depose();
      const leader = await leading(bed);
      await leader.journal.saveSnapshot(leader.epoch, last, chunks("new"));
    }
    await rejects(zombie.journal.saveSnapshot(zombie.epoch, last, slow()), { code: "EPOCH_STALE" });
    equal(await contentOf(await (await bed.open()).latestSnapshot()), "1:new");
  });

  promise("refuses a snapshot older than the last one, or of events that are not there", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["a", "b"]);
    await journal.saveSnapshot(epoch, 2n, chunks("two"));
    await rejects(journal.saveSnapshot(epoch, 1n, chunks("one")), { code: "JOURNAL_CONFLICT" });
    await rejects(journal.saveSnapshot(epoch, 3n, chunks("three")), { code: "JOURNAL_CONFLICT" });
    equal(await contentOf(await journal.latestSnapshot()), "2:two");
  });

  promise("forgets only events that the last snapshot includes", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["a", "b", "c"]);
    await rejects(journal.truncate(epoch, 1n), { code: "JOURNAL_CONFLICT" });
    await journal.saveSnapshot(epoch, 2n, chunks("ab"));
    await rejects(journal.truncate(epoch, 3n), { code: "JOURNAL_CONFLICT" });
    deepEqual(await brief(journal.read(0n)), ["1:a", "2:b", "3:c"]);

    await journal.truncate(epoch, 2n);
    deepEqual(await brief(journal.read(2n)), ["3:c"]);
    await rejects(brief(journal.read(0n)), { code: "JOURNAL_CONFLICT" });
    equal(await contentOf(await journal.latestSnapshot()), "2:ab");
  });

  promise("keeps a batch whole when only its first events may be forgotten", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await fill(journal, epoch, ["a", "bcd", "e"]);
    await journal.saveSnapshot(epoch, 3n, chunks("abc"));
    await journal.truncate(epoch, 3n);
    deepEqual(await brief(journal.read(3n)), ["4:bcd", "5:e"]);
    deepEqual(await brief(journal.read(1n)), ["4:bcd", "5:e"]);
  });

  promise("goes on numbering, and knows the newest batch, when all is forgotten", async (bed) => {
    const first = await leading(bed);
    const last = await fill(first.journal, first.epoch, ["a", "b", "c"]);
    await first.journal.saveSnapshot(first.epoch, last, chunks("abc"));
    await first.journal.truncate(first.epoch, last);
    equal(await first.journal.append(first.epoch, 2n, "b3", queued("c")), 3n);
    await first.journal.close();

    const { journal, epoch } = await leading(bed);
    deepEqual(await brief(journal.read(last)), []);
    equal(await journal.append(epoch, last, "b4", queued("d")), 4n);
    deepEqual(await brief(journal.read(last)), ["4:d"]);
  });

  promise("tells a reader that a truncate overtook", async (bed) => {
    const { journal, epoch } = await leading(bed);
    const last = await fill(
      journal,
      epoch,
      Array.from({ length: 300 }, () => "x"),
    );
    await journal.saveSnapshot(epoch, last, chunks("all"));
    const reader = journal.read(0n)[Symbol.asyncIterator]();
    await reader.next();
    await journal.truncate(epoch, last);
    await rejects(
      async () => {
        while (!(await reader.next()).done);
      },
      { code: "JOURNAL_CONFLICT" },
    );
  });
}
