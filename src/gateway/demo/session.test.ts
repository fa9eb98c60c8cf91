import { equal, match, ok } from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createAgentSession, ModelRuntime, SessionManager } from "@earendil-works/pi-coding-agent";
import { openBench } from "../provider.testing.ts";

type Options = NonNullable<Parameters<typeof createAgentSession>[0]>;

test("a real pi session rewrites a lodash module through the gateway and the demo model", async (t) => {
  const { gateway, reports } = await openBench(t);
  const cwd = mkdtempSync(join(tmpdir(), "godel-session-"));
  t.after(() => rmSync(cwd, { recursive: true }));
  const file = join(cwd, "_baseClone.js");
  copyFileSync(join(import.meta.dirname, "../../../node_modules/lodash/_baseClone.js"), file);

  const target = await gateway.resolve("demo");
  const { url } = await gateway.grant({ attempt: "a", task: "k", agent: "g", team: "t", model: "demo" });
  const modelRuntime = await ModelRuntime.create({ modelsPath: null, authPath: join(cwd, "auth.json") });
  modelRuntime.registerProvider(target.provider, {
    apiKey: "gateway",
    baseUrl: url,
    api: "openai-completions",
    models: [],
  });
  const model = { ...target.description, baseUrl: url } as unknown as Options["model"];
  const { session } = await createAgentSession({
    cwd,
    agentDir: cwd,
    modelRuntime,
    model,
    sessionManager: SessionManager.inMemory(cwd),
  });
  t.after(() => session.dispose());
  await session.prompt("Replace `var` with `const` or `let` in `_baseClone.js`.");

  const source = readFileSync(file, "utf8");
  match(source, /^const Stack = require/);
  ok(!/\bvar\b/.test(source));
  const last = session.messages.at(-1);
  match(JSON.stringify(last), /10 declarations became `const`.*`node --check` passes.*scripted, no AI/);
  equal(gateway.usageOf("a").requests, 4);
  ok(gateway.spentOf("t") > 0);
  // pi and the gateway name the same sum.
  const stats = session.getSessionStats();
  ok(Math.abs(stats.cost - gateway.spentOf("t")) < 1e-9);
  equal(reports.length, 4);
});
