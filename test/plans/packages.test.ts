/** Plans by files, on real packages. */
import { deepEqual, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { packageRepository } from "../../scripts/package-repository.ts";
import { TaskDecomposer } from "../../src/federation/task-decomposer.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { Workspaces } from "../../src/workspace/index.ts";

const folder = mkdtempSync(join(tmpdir(), "godel-packages-"));
const workspaces = new Workspaces({ root: join(folder, "work"), clock: systemClock });
after(async () => {
  await workspaces.close();
  rmSync(folder, { recursive: true, force: true });
});

const decomposer = new TaskDecomposer({
  ask: () => Promise.reject(new Error("a plan by files asks no model")),
});

for (const name of ["lodash", "yaml", "fastify"]) {
  test(`${name}: each file in exactly one task, and the heaviest task at most 1.5 times the lightest`, async () => {
    const repo = join(folder, name);
    packageRepository(name, repo);
    const map = await workspaces.map(repo, { globs: ["**/*.js", "**/*.ts"], max: 100_000 });
    for (const parallelism of [1, 5, 20]) {
      const goal = { task: "Add a licence header", parallelism, map, filesChosen: true };
      const { tasks } = await decomposer.decompose(goal);
      const claimed = tasks.flatMap(({ files }) => files.map((file) => file.replaceAll("\\", "")));
      deepEqual(claimed.toSorted(), map.files.map(({ path }) => path).toSorted());
      const weights = tasks.map(({ weight }) => weight);
      ok(Math.max(...weights) <= 1.5 * Math.min(...weights), `${weights}`);
      ok(tasks.length >= parallelism, `${tasks.length} tasks for ${parallelism} agents`);
    }
  });
}
