import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { brief, chunks, type Declare, fill, keptPart, leading, queued, ttlMs } from "./bed.ts";

export function leadershipContract(promise: Declare): void {
  promise("refuses every write before anyone leads", async (bed) => {
    const journal = await bed.open();
    for (const epoch of [0n, 1n]) {
      await rejects(journal.confirm(epoch), { code: "EPOCH_STALE" });
      await rejects(journal.append(epoch, 0n, "b1", queued("a")), { code: "EPOCH_STALE" });
      await rejects(journal.saveSnapshot(epoch, 0n, chunks("z")), { code: "EPOCH_STALE" });
      await rejects(journal.truncate(epoch, 0n), { code: "EPOCH_STALE" });
      await rejects(journal.keep(epoch, keptPart("z")), { code: "EPOCH_STALE" });
      await rejects(journal.dropOthers(epoch, "t1", "v1"), { code: "EPOCH_STALE" });
    }
    deepEqual(await brief(journal.read(0n)), []);
  });

  promise("has nothing to mend when it was closed, or never written", async (bed) => {
    for (const last of [0n, 1n]) {
      const journal = await bed.open();
      const { epoch, mended } = await journal.acquire("engine", ttlMs);
      deepEqual(mended, []);
      await journal.append(epoch, last, `b${last}`, queued("a"));
      await journal.close();
    }
  });

  promise("raises the epoch with each leadership, also when it is closed and opened in between", async (bed) => {
    const epochs: bigint[] = [];
    for (let i = 0; i < 3; i++) {
      const { journal, epoch } = await leading(bed);
      epochs.push(epoch, (await journal.acquire("engine", ttlMs)).epoch);
      await journal.close();
    }
    ok(
      epochs.every((epoch, index) => epoch > (epochs[index - 1] ?? 0n)),
      `${epochs}`,
    );
  });

  promise("refuses another journal while a claim stands, and lets it lead once that is closed", async (bed) => {
    const { journal, epoch, lost } = await leading(bed);
    const other = await bed.open();
    await rejects(other.acquire("other", ttlMs), { code: "ENGINE_RUNNING" });
    await rejects(other.acquire("engine", ttlMs), { code: "ENGINE_RUNNING" });
    equal(lost.aborted, false);

    await journal.close();
    equal(lost.aborted, true);
    ok((await other.acquire("other", ttlMs)).epoch > epoch);
  });

  promise("refuses another holder through the same journal while a claim stands", async (bed) => {
    const { journal, epoch } = await leading(bed);
    await rejects(journal.acquire("other", ttlMs), { code: "ENGINE_RUNNING" });
    equal(await journal.append(epoch, 0n, "b1", queued("a")), 1n);
  });

  promise("a holder that acquires again ends its own earlier epoch", async (bed) => {
    const { journal, epoch, lost } = await leading(bed);
    const again = await journal.acquire("engine", ttlMs);
    equal(lost.aborted, true);
    await rejects(journal.append(epoch, 0n, "b1", queued("a")), { code: "EPOCH_STALE" });
    equal(again.lost.aborted, false);
    equal(await journal.append(again.epoch, 0n, "b1", queued("a")), 1n);
  });

  promise("fences every write of a leader that was replaced without knowing, and tells it", async (bed) => {
    const zombie = await leading(bed);
    const last = await fill(zombie.journal, zombie.epoch, ["a"]);
    await zombie.journal.saveSnapshot(zombie.epoch, last, chunks("old"));
    await bed.depose();
    const leader = await leading(bed);

    const stale = { code: "EPOCH_STALE" };
    await rejects(zombie.journal.append(zombie.epoch, last, "z", queued("z")), stale);
    await rejects(zombie.journal.append(zombie.epoch, 0n, "b1", queued("a")), stale);
    await rejects(zombie.journal.saveSnapshot(zombie.epoch, last, chunks("z")), stale);
    await rejects(zombie.journal.truncate(zombie.epoch, last), stale);
    await rejects(zombie.journal.keep(zombie.epoch, keptPart("z")), stale);
    await rejects(zombie.journal.dropOthers(zombie.epoch, "t1", "v2"), stale);
    await rejects(zombie.journal.confirm(zombie.epoch), stale);
    equal(zombie.lost.aborted, true);

    await leader.journal.confirm(leader.epoch);
    equal(leader.lost.aborted, false);
    await leader.journal.append(leader.epoch, last, "b2", queued("b"));
    deepEqual(await brief(leader.journal.read(0n)), ["1:a", "2:b"]);
  });

  promise("the next leader goes on where the last one ended, with its epoch on its batches", async (bed) => {
    const first = await leading(bed);
    const last = await fill(first.journal, first.epoch, ["ab"]);
    await first.journal.close();
    const second = await leading(bed);
    await second.journal.append(second.epoch, last, "b2", queued("c"));
    const epochs: bigint[] = [];
    for await (const batch of second.journal.read(0n)) epochs.push(batch.epoch);
    deepEqual(epochs, [first.epoch, second.epoch]);
  });
}
