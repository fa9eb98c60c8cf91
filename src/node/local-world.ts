import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Gateway, openLedgerFile, providersIn, type RequestRecord, requestSpan } from "../gateway/index.ts";
import type { Clock } from "../lib/clock.ts";
import { folderSize } from "../lib/folder-size.ts";
import type { Log } from "../lib/log.ts";
import { OtlpExporter, otlpTarget } from "../lib/otlp.ts";
import { killMarked } from "../lib/process-tree.ts";
import { usageByMark } from "../lib/processes.ts";
import { type Home, piDirOf, workMark } from "../model/home.ts";
import { readSettings } from "../model/settings.ts";
import { sessionsOf } from "../runtimes/index.ts";
import { Workspaces } from "../workspace/index.ts";
import { engineSocket, onEngineFile } from "./engine-socket.ts";
import { HostPool } from "./host-pool.ts";
import { openOutboxStore } from "./outbox-store.ts";
import type { NodeWorld } from "./ports.ts";
import { RequestLines } from "./request-lines.ts";
import { measureResources } from "./resources.ts";
import { toolSpan } from "./tool-span.ts";

/** With `flush`, to be called before the process ends: it sends what a collector was not told yet. */
export type LocalWorld = NodeWorld & { flush(): Promise<void> };

/** This machine: processes, git, models on the network, files under `home`. */
export function localWorld(home: Home, env: NodeJS.ProcessEnv, clock: Clock, log: Log): LocalWorld {
  const firstTokens: number[] = [];
  const target = otlpTarget(env);
  const exporter = target && new OtlpExporter(target, clock, log);
  return {
    pid: process.pid,
    cores: availableParallelism(),
    env: process.env,
    rssBytes: () => process.memoryUsage.rss(),
    workspaces: new Workspaces({ root: home.worktrees, clock }),
    outbox: openOutboxStore(home.outbox),
    openModels(onUsage) {
      const ledger = openLedgerFile(home.ledger, clock, log);
      const providers = providersIn(readSettings(home.settings));
      const onRequest = recorder({ home, exporter, log, firstTokens });
      return Gateway.open({ piDir: piDirOf(env), env, clock, onUsage, onRequest, log, ledger, providers });
    },
    openPool: (events) => new HostPool(events, { cacheDir: home.cache, env: { [workMark]: home.dir } }),
    connect: () => engineSocket(home.engineFile),
    onEngine: (listener) => onEngineFile(home.engineFile, listener),
    makeDir: (path) => void mkdirSync(path, { recursive: true }),
    removeDir,
    sizeOf: folderSize,
    sessionsOf,
    measure: measureResources,
    usageByAttempt: () => usageByMark("GODEL_ATTEMPT"),
    firstTokens: () => firstTokens.splice(0),
    toolCalled: (agent, attempt, call) => exporter?.add(toolSpan(agent, attempt, call)),
    async killStrays() {
      await killMarked(`${workMark}=${home.dir}`);
      await removeDir(home.scratch);
    },
    log,
    flush: async () => exporter?.flush(),
  };
}

/** What cannot be removed stays for the next node. */
function removeDir(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}

/** First parts of answers that one heartbeat tells of at most. */
const maxFirstTokens = 2_000;

interface RecorderParts {
  home: Home;
  exporter: OtlpExporter | null;
  log: Log;
  firstTokens: number[];
}

/** Where each request to a model is told of: a file of its attempt, and a collector where the environment names one. */
function recorder({ home, exporter, log, firstTokens }: RecorderParts): (record: RequestRecord) => void {
  const lines = new RequestLines((attempt) => join(home.attempts, ...attempt.split("/")), log);
  return (record) => {
    lines.add(record);
    exporter?.add(requestSpan(record));
    // Those over the bound are not told: a heartbeat takes what there is once a second.
    if (record.firstMs !== null && firstTokens.length < maxFirstTokens) firstTokens.push(record.firstMs);
  };
}
