import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { GodelError } from "../lib/errors.ts";
import type { Home } from "../model/home.ts";
import type { Answers, Question } from "../model/link.ts";
import type { AttemptId } from "../model/records.ts";
import type { TranscriptPiece } from "../model/transcript.ts";
import { runtimeNeedsModel, scrubbedEnv } from "../runtimes/index.ts";
import { gateTimeoutMs } from "./attempt-run.ts";
import type { Attempts } from "./attempts.ts";
import { collect } from "./collect.ts";
import type { Fleet } from "./fleet.ts";
import type { Models, Worktrees } from "./ports.ts";
import { requestsLog } from "./request-lines.ts";
import { readableLine, stepsOf } from "./transcript.ts";

export interface AnswerParts {
  fleet: Fleet;
  attempts: Attempts;
  models: Models;
  workspaces: Worktrees;
  home: Pick<Home, "attempts" | "agents">;
}

type Of<T extends Question["type"]> = Extract<Question, { type: T }>;

/** At most this much of the end of a log is read, in bytes. */
const maxLogBytes = 4 << 20;

const gatesLog = "gates.log";

/** Answers what the engine asks. @throws GodelError for what the question itself got wrong */
export function answer(parts: AnswerParts, question: Question): Promise<Answers[Question["type"]]> {
  switch (question.type) {
    case "inspect":
      return inspect(parts, question);
    case "map":
      return parts.workspaces.map(question.repo, question);
    case "redOnBase":
      return redOnBase(parts, question);
    case "speaks":
      return parts.models.resolve(question.model).then(({ api }) => api);
    case "complete":
      return parts.models.complete(question).then((said) => ({ ...said, reported: true }));
    case "steer":
      return steer(parts, question);
    case "log":
      return log(parts, question);
    case "transcript":
      return transcript(parts, question);
    case "collect":
      return collectIn(parts, question);
    case "providers":
      return Promise.resolve(parts.models.providers());
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

function collectIn({ workspaces, fleet, home }: AnswerParts, question: Of<"collect">) {
  const dirs = { attemptsDir: home.attempts, agentsDir: home.agents };
  return collect({ workspaces, agents: () => fleet.ids, ...dirs }, question);
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
  const names = await namesIn(dir);
  const name = what === "gates" ? gatesLog : transcriptAmong(names);
  if (name === undefined || !names.includes(name)) return { lines: [], total: 0 };
  const { text } = await readFrom(join(dir, name), 0);
  const lines = text.split("\n").filter((line) => line !== "");
  const readable = what === "transcript" ? lines.flatMap(readableLine) : lines;
  return { lines: readable.slice(-maxLines), total: readable.length };
}

/** Whole lines alone: the rest of one that is being written comes with the next piece. */
async function transcript(parts: AnswerParts, asked: Of<"transcript">): Promise<TranscriptPiece> {
  const { attempts } = parts;
  const said = asked.heard === undefined ? nothing : await saidIn(parts, asked.attempt, asked.heard);
  const dir = attempts.logDir(asked.attempt);
  const file = transcriptAmong(await namesIn(dir));
  if (file === undefined) return { file: "", from: 0, next: 0, steps: [], ...said };
  const { text, from } = await readFrom(join(dir, file), file === asked.file ? asked.from : 0);
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const lines = whole.split("\n").filter((line) => line !== "");
  const steps = lines.flatMap(stepsOf);
  // What was being said may be among the steps by now: whoever asks again at once hears what is said after them.
  const now = steps.length > 0 ? nothing : said;
  return { file, from, next: from + Buffer.byteLength(whole), steps, ...now };
}

const nothing: Pick<TranscriptPiece, "saying" | "heard"> = { saying: [], heard: 0 };

/** Waits a moment for more than `heard`. */
async function saidIn({ attempts, fleet }: AnswerParts, attempt: AttemptId, heard: number) {
  const agent = fleet.ready(attempts.workerOf(attempt) ?? "");
  if (!agent) return nothing;
  await attempts.watched.more(attempt, agent, heard);
  return attempts.watched.of(attempt) ?? nothing;
}

async function namesIn(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).toSorted();
}

function transcriptAmong(names: readonly string[]): string | undefined {
  return names.filter((entry) => entry !== gatesLog && entry !== requestsLog).at(-1);
}

/** What the file holds from there on; of too much the end, from the first whole line. */
async function readFrom(path: string, asked: number): Promise<{ text: string; from: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, Math.min(asked, size), size - maxLogBytes);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const bytes = buffer.subarray(0, bytesRead);
    const skip = from > asked ? bytes.indexOf(10) + 1 : 0;
    return { text: bytes.toString("utf8", skip), from: from + skip };
  } finally {
    await file.close();
  }
}
