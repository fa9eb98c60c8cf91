import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { GodelError } from "../lib/errors.ts";
import type { Answers, Question } from "../model/link.ts";
import { runtimeNeedsModel, scrubbedEnv } from "../runtimes/index.ts";
import { gateTimeoutMs } from "./attempt-run.ts";
import type { Attempts } from "./attempts.ts";
import type { Fleet } from "./fleet.ts";
import type { Models, Worktrees } from "./ports.ts";
import { readableLine } from "./transcript.ts";

export interface AnswerParts {
  fleet: Fleet;
  attempts: Attempts;
  models: Models;
  workspaces: Worktrees;
}

type Of<T extends Question["type"]> = Extract<Question, { type: T }>;

/** At most this much of the end of a log is read, in bytes. */
const maxLogBytes = 4 << 20;

/** Answers what the engine asks. @throws GodelError for what the question itself got wrong */
export function answer(parts: AnswerParts, question: Question): Promise<Answers[Question["type"]]> {
  switch (question.type) {
    case "inspect":
      return inspect(parts, question);
    case "map":
      return parts.workspaces.map(question.repo, question);
    case "redOnBase":
      return redOnBase(parts, question);
    case "complete":
      return parts.models.complete(question);
    case "steer":
      return steer(parts, question);
    case "log":
      return log(parts, question);
    case "patch":
      return parts.workspaces.patch(question.repo, question.commit, question.maxLines);
  }
}

async function inspect({ workspaces, models }: AnswerParts, { repo, branch, model, runtime }: Of<"inspect">) {
  const inspection = await workspaces.inspect(repo, branch);
  if (!runtimeNeedsModel(runtime)) return { ...inspection, model, tiers: [] };
  const chosen = await models.choose(model);
  if (chosen.model === "") throw new GodelError("MODEL_UNKNOWN", "no model was named.");
  for (const each of chosen.tiers.length > 0 ? chosen.tiers : [chosen]) await models.resolve(each.model);
  return { ...inspection, ...chosen };
}

function redOnBase({ workspaces }: AnswerParts, { repo, gates, commit }: Of<"redOnBase">) {
  const signal = new AbortController().signal;
  return workspaces.redOnBase(
    { repo, commit, gates },
    { signal, timeoutMs: gateTimeoutMs, env: scrubbedEnv(process.env) },
  );
}

async function steer({ fleet }: AnswerParts, { agent: id, text }: Of<"steer">) {
  const agent = fleet.ready(id);
  if (!agent) throw new GodelError("AGENT_NOT_FOUND", `agent "${id}" is not up.`);
  return { accepted: await agent.steer(text) };
}

async function log({ attempts }: AnswerParts, { attempt, what, maxLines }: Of<"log">): Promise<Answers["log"]> {
  const dir = attempts.logDir(attempt);
  const names = (await readdir(dir).catch(() => [])).toSorted();
  const name = what === "gates" ? "gates.log" : names.filter((entry) => !entry.endsWith(".log")).at(-1);
  if (name === undefined || !names.includes(name)) return { lines: [], total: 0 };
  const lines = (await tail(join(dir, name))).split("\n").filter((line) => line !== "");
  const readable = what === "transcript" ? lines.flatMap(readableLine) : lines;
  return { lines: readable.slice(-maxLines), total: readable.length };
}

async function tail(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - maxLogBytes);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}
