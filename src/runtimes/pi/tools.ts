import { constants } from "node:fs";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import type { BashOperations, CreateAgentSessionOptions } from "@earendil-works/pi-coding-agent";
import type { Clock, Millis } from "../../lib/clock.ts";
import type { AttemptId } from "../../model/records.ts";
import { type RunningCommand, runCommand, sweep } from "../run-command.ts";
import { confinedTo } from "./confined.ts";
import type { Sdk } from "./sdk.ts";

export interface ToolOptions {
  attempt: AttemptId;
  cwd: string;
  /** The whole environment of the commands. */
  env: Record<string, string>;
  /** When a command is stopped that the model gave no timeout. */
  commandTimeoutMs: Millis;
  clock: Clock;
}

export interface Tools {
  names: string[];
  definitions: NonNullable<CreateAgentSessionOptions["customTools"]>;
  /** Kills every command of these tools, and what they left in the background. */
  sweep(): Promise<void>;
}

/** pi's read, bash, edit and write, bound to one worktree. */
export function confinedTools(sdk: Sdk, options: ToolOptions): Tools {
  const { cwd } = options;
  const confined = confinedTo(cwd);
  const commands = new Set<RunningCommand>();
  const read = async (path: string) => readFile(await confined(path, "read"));
  const write = async (path: string, content: string) => writeFile(await confined(path, "write"), content, "utf8");
  const definitions = [
    sdk.createReadToolDefinition(cwd, {
      operations: {
        readFile: read,
        access: async (path) => access(await confined(path, "read"), constants.R_OK),
        detectImageMimeType: async (path) => sdk.detectSupportedImageMimeTypeFromFile(await confined(path, "read")),
      },
    }),
    sdk.createBashToolDefinition(cwd, {
      operations: { exec: (command, dir, run) => execute(options, commands, { command, dir, ...run }) },
      exposeSessionEnvironment: false,
    }),
    sdk.createEditToolDefinition(cwd, {
      operations: {
        readFile: read,
        writeFile: write,
        access: async (path) => access(await confined(path, "write"), constants.R_OK | constants.W_OK),
      },
    }),
    sdk.createWriteToolDefinition(cwd, {
      operations: {
        writeFile: write,
        mkdir: async (path) => void (await mkdir(await confined(path, "write"), { recursive: true })),
      },
    }),
  ] as unknown as Tools["definitions"];
  return {
    names: definitions.map((tool) => tool.name),
    definitions,
    // Most prompts run commands; one that ran none is spared the look at every process.
    sweep: async () => (commands.size > 0 ? sweep(options.attempt, commands) : undefined),
  };
}

type Exec = Omit<Parameters<BashOperations["exec"]>[2], "env"> & { command: string; dir: string };

/** Contract of pi's bash tool: throws `aborted` or `timeout:SECONDS`, otherwise answers the exit code. */
async function execute(options: ToolOptions, commands: Set<RunningCommand>, exec: Exec): Promise<{ exitCode: number }> {
  if (exec.signal?.aborted) throw new Error("aborted");
  const { attempt, clock, env } = options;
  const timeoutMs = exec.timeout === undefined ? options.commandTimeoutMs : exec.timeout * 1_000;
  const running = runCommand({ attempt, command: exec.command, cwd: exec.dir, env, onOutput: exec.onData, clock });
  commands.add(running);
  let late = false;
  const kill = () => running.signal("SIGKILL");
  const disarm = clock.after(timeoutMs, () => {
    late = true;
    kill();
  });
  exec.signal?.addEventListener("abort", kill, { once: true });
  const end = await running.ended;
  disarm();
  exec.signal?.removeEventListener("abort", kill);
  if (exec.signal?.aborted) throw new Error("aborted");
  if (late) throw new Error(`timeout:${timeoutMs / 1_000}`);
  if (end.error !== undefined) throw new Error(`the command could not start: ${end.error}`);
  return { exitCode: end.code ?? 1 };
}
