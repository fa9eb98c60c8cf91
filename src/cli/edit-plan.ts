/** A plan between its making and its running: shown, edited by a person as often as they like, then taken or left. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { stringify } from "yaml";
import type { PlanAnswer, PlanRequest } from "../api/plan-wire.ts";
import { GodelError } from "../lib/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Cli } from "./cli.ts";
import { clientOf } from "./client.ts";
import { parsePlan } from "./plan-file.ts";
import { planNotes, planSummary, planTree } from "./ui/plan-text.ts";

/** Said before an engine is started. @throws GodelError REQUEST_INVALID without a terminal */
export function checkInteractive(cli: Cli): void {
  if (cli.err.live && process.stdin.isTTY) return;
  throw new GodelError("REQUEST_INVALID", "--interactive needs a terminal to ask on.");
}

/** The plan as the person left it, or null where they want none of it. */
export async function settlePlan(cli: Cli, request: PlanRequest, made: PlanAnswer): Promise<Plan | null> {
  let answer = made;
  for (;;) {
    const { err } = cli;
    err.write(`\n${planTree(answer, err)}\n${planSummary(answer)}\n${planNotes(answer, err.style)}`);
    const reply = await ask(question(answer));
    if (reply === "y") return answer.plan;
    if (reply === "n") return null;
    answer = await edited(cli, request, answer);
  }
}

function question({ unmet }: PlanAnswer): string {
  if (unmet.length === 0) return "Take this plan? [y]es, [e]dit, [n]o: ";
  return `${unmet.length === 1 ? "A demand" : `${unmet.length} demands`} of the goal would stay undone. Take it all the same? [y]es, [e]dit, [n]o: `;
}

/** Opens the editor until what comes out of it is a plan, or the person goes back to the last one. */
async function edited(cli: Cli, request: PlanRequest, last: PlanAnswer): Promise<PlanAnswer> {
  const dir = await mkdtemp(join(tmpdir(), "godel-plan-"));
  const file = join(dir, "plan.yaml");
  try {
    await writeFile(file, stringify(last.plan));
    for (;;) {
      await openEditor(cli, file);
      try {
        const plan = parsePlan(file, await readFile(file, "utf8"));
        return await clientOf(cli.home).call("makePlan", { body: { ...request, goal: undefined, plan } });
      } catch (error) {
        if (!(error instanceof GodelError)) throw error;
        cli.err.write(`${cli.err.style.red("error:")} ${error.message}\n`);
        if ((await ask("Edit it again? [y]es, [n]o, back to the last one: ", "yn")) === "n") return last;
      }
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** One of `letters`; the end of the input is a no. */
async function ask(text: string, letters = "yen"): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("n")));
      const letter = (await Promise.race([lines.question(text), closed])).trim().toLowerCase().slice(0, 1);
      if (letter !== "" && letters.includes(letter)) return letter;
    }
  } finally {
    lines.close();
  }
}

function openEditor({ env }: Cli, file: string): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || "vi";
  // By a shell: editors come with flags, as in `code --wait`.
  const child = spawn("sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new GodelError("REQUEST_INVALID", `the editor \`${editor}\` ended with code ${code}; set EDITOR to another.`),
        );
    });
  });
}
