import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { EngineFile } from "../api/wire.ts";
import { engineHome, finish, godel, newHome, start } from "./command.testing.ts";

test("up starts an engine and its node once, and down leaves neither", async (t) => {
  const home = engineHome(t);
  const first = JSON.parse((await godel(home, "up", "--json")).out);
  const second = JSON.parse((await godel(home, "up", "--json")).out);
  deepEqual([first.alreadyRunning, second.alreadyRunning], [false, true]);
  equal(first.pid, second.pid);

  const down = await godel(home, "down");
  deepEqual([down.code, down.out], [0, "godel is down.\n"]);
  deepEqual([isAlive(first.pid), isAlive(first.nodePid)], [false, false]);
});

test("two that start it at once share one engine", async (t) => {
  const home = engineHome(t);
  const ran = await Promise.all([godel(home, "up", "--json"), godel(home, "up", "--json")]);
  const [one, other] = ran.map(({ out }) => JSON.parse(out));
  equal(one.pid, other.pid);
});

test("an engine that was killed is started anew, and its node taken over", async (t) => {
  const home = engineHome(t);
  const first = JSON.parse((await godel(home, "up", "--json")).out);
  process.kill(first.pid, "SIGKILL");
  const second = JSON.parse((await godel(home, "up", "--json")).out);
  equal(second.alreadyRunning, false);
  equal(second.nodePid, first.nodePid);
});

test("down ends the node of a killed engine too", async (t) => {
  const home = engineHome(t);
  const { pid, nodePid } = JSON.parse((await godel(home, "up", "--json")).out);
  process.kill(pid, "SIGKILL");
  equal((await godel(home, "down")).code, 0);
  equal(isAlive(nodePid), false);
});

test("down with nothing running says so and succeeds; a stranger with the pid of an old engine is left alone", async (t) => {
  const home = newHome(t);
  const none = await godel(home, "down");
  deepEqual([none.code, none.out], [0, `Nothing runs in ${home}.\n`]);

  const stale: EngineFile = { pid: process.pid, nodePid: null, url: "http://127.0.0.1:9", token: "x", startedAt: "" };
  writeFileSync(join(home, "engine.json"), JSON.stringify(stale));
  match((await godel(home, "down")).out, /Nothing runs/);
});

test("a taken port is named, with what to do, and exits with 3", async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const { code, err } = await godel(engineHome(t), "up", "--port", String(port));
  equal(code, 3);
  match(err, new RegExp(`port ${port} is taken.*\\n {2}Choose another with --port`));
});

test("a home that cannot be is named, and exits with 3", async (t) => {
  const file = join(newHome(t), "file");
  writeFileSync(file, "");
  const { code, err } = await finish(start("/", ["up"], { GODEL_HOME: join(file, "home") }));
  equal(code, 3);
  match(err, /cannot be used: .*\n {2}Set GODEL_HOME/);
});

test("an engine that ends without a word is told of with how it ended, and exits with 3", async (t) => {
  const home = engineHome(t);
  // Passed on to the engine, as what the command line runs with is.
  const crash = 'if (/api.main\\.ts$/.test(process.argv[1])) { console.error("boom"); process.exit(7); }';
  const flags = [
    "--disable-warning=ExperimentalWarning",
    "--import",
    `data:text/javascript,${encodeURIComponent(crash)}`,
  ];
  const main = join(import.meta.dirname, "main.ts");
  const { code, out } = await finish(start(home, [...flags, main, "up", "--json"], {}, process.execPath));
  equal(code, 3);
  const { error } = JSON.parse(out);
  equal(error.code, "ENGINE_START");
  match(error.message, /ended with code 7 before it answered\.\nboom/);
});

test("doctor says what it finds, prints no key, and writes nothing", async (t) => {
  const home = newHome(t);
  writeFileSync(join(home, "auth.json"), JSON.stringify({ anthropic: { type: "api_key", key: "sk-secret" } }));
  const env = { PI_CODING_AGENT_DIR: home, OPENAI_API_KEY: "sk-other-secret" };
  const { code, out } = await finish(start(home, ["doctor", "--json"], env));
  equal(code, 0);
  match(out, /anthropic \(auth\.json\)/);
  match(out, /openai \(OPENAI_API_KEY\)/);
  equal(out.includes("secret"), false);
});

/** A killed child of ours stays a zombie until it is reaped: what has no command line has ended. */
function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}
