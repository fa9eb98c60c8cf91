import { equal } from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { engineSocket, onEngineFile } from "./engine-socket.ts";

test("whoever waits for an engine hears that its file was written, and of no other file", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "godel-engine-file-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "engine.json");
  equal(engineSocket(path), null);
  let heard = 0;
  const came = new Promise<void>((resolve) => {
    t.after(
      onEngineFile(path, () => {
        heard++;
        resolve();
      }),
    );
  });
  writeFileSync(join(dir, "other.json"), "{}");
  writeFileSync(`${path}.new`, "{}");
  renameSync(`${path}.new`, path);
  await came;
  equal(heard, 1);
});

test("where files cannot be watched, nothing is heard and nothing breaks", () => {
  onEngineFile("/nowhere/at/all/engine.json", () => {})();
});
