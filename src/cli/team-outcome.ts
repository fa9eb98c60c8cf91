import type { TeamStatus } from "../api/wire.ts";
import { exitCodes } from "../lib/errors.ts";
import type { Cli } from "./cli.ts";
import { clientOf } from "./client.ts";

/** The exit code that tells how a team did. A team that still runs has done nothing wrong. */
export async function outcomeOf(cli: Cli, { team, tasks }: TeamStatus): Promise<Cli["exitCode"]> {
  if (team.state === "killed") return exitCodes.tasksFailed;
  const bad = team.state === "failed" || tasks.failed + tasks.skipped + tasks.cancelled > 0;
  if (!bad || (team.state !== "failed" && team.state !== "done")) return exitCodes.done;
  const failed = await clientOf(cli.home).all("listTasks", { query: { team: team.id, state: "failed" } });
  return failed.some((task) => task.reason === "budget") ? exitCodes.budget : exitCodes.tasksFailed;
}
