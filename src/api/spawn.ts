import type { Engine } from "../engine/engine.ts";
import { planStrategy } from "../federation/task-decomposer.ts";
import { present } from "../lib/assert.ts";
import { GodelError } from "../lib/errors.ts";
import { inRange } from "../lib/options.ts";
import { shortId, systemRandom } from "../lib/random.ts";
import { maxBudgetUsd } from "../model/budget.ts";
import type { Answers, Question } from "../model/link.ts";
import { checkPlan } from "../model/plan.ts";
import type { TeamId, TeamSpec } from "../model/records.ts";
import { checkShare, evenShare } from "../model/share.ts";
import { autoModel } from "../model/tiers.ts";
import { predict } from "./experience.ts";
import type { NodeLinks } from "./node-link.ts";
import { idOfKey } from "./once.ts";
import type { SpawnRequest } from "./wire.ts";

type Inspect = Extract<Question, { type: "inspect" }>;

interface Accepted {
  id: TeamId;
  seq: bigint;
}

/**
 * Creates a team: checks the request, has the node look at repository, branch and model, and only then records it.
 * Answers its id and the last event before it.
 * `key`: of a request that may come twice; the team that it makes has an id made from it.
 * @throws GodelError for each thing that can be wrong with the request, before anything is recorded.
 */
export async function spawnTeam(
  engine: Engine,
  links: NodeLinks,
  request: SpawnRequest,
  key: string | null,
): Promise<Accepted> {
  const { count, plan: given, task } = request;
  inRange("count", count, 1, engine.options.maxAgents);
  if (request.budgetUsd != null) inRange("budget", request.budgetUsd, 0, maxBudgetUsd);
  if ((given === undefined) === (task === undefined || task.trim() === "")) {
    throw new GodelError("REQUEST_INVALID", "give either a plan or a task, and exactly one of them.");
  }
  const runtime = request.runtime ?? "pi";
  const plan = given === undefined ? null : checkPlan(given);
  const name = request.name ?? suggestName(task ?? plan?.goal ?? "team");
  checkName(name);
  const goal = task ?? plan?.goal ?? "";
  const keyed = key === null ? shortId(systemRandom, "t") : idOfKey("t", key);
  const before = engine.state.teams.get(keyed);
  // Created by an engine that died before it could answer, after any event that is still kept.
  if (key !== null && before?.goal === goal && (request.name ?? before.name) === before.name) {
    return { id: keyed, seq: 0n };
  }
  const branch = `godel/${name}`;
  const seen = await inspect(engine, links, { repo: request.repo, branch, model: request.model ?? "", runtime });
  const { repo, base, model, tiers } = seen;
  const team: TeamSpec = {
    // Ids are short: of two keys in 10^10 both may come to the same.
    id: before ? shortId(systemRandom, "t") : keyed,
    name,
    goal,
    repo,
    base,
    branch,
    model,
    runtime,
    skills: request.skills ?? [],
    gates: request.gates ?? [],
    desired: count,
    ...bounds(request),
    budgetUsd: request.budgetUsd ?? null,
    budgetTokens: request.budgetTokens ?? null,
    ...planning(request),
    ...sharing(request),
    ...(request.preferredCost && { preferredCost: request.preferredCost }),
    ...(tiers.length > 0 && { tiers }),
  };
  const forecast = plan && (await predict(engine, plan, { model, runtime, parallelism: count }));
  const { seq } = engine;
  await engine.submit({ type: "createTeam", team, plan: plan && { ...plan, ...(forecast && { forecast }) } });
  present(engine.state.teams.get(team.id), "the team that was created");
  return { id: team.id, seq };
}

/** Has a node look at repository, branch and model; for `auto` at each model of the tiers. */
async function inspect(engine: Engine, links: NodeLinks, asked: Omit<Inspect, "type">): Promise<Answers["inspect"]> {
  const tiers = asked.model === autoModel ? [...engine.options.policies.tiers] : [];
  if (tiers.length === 0) return links.ask({ type: "inspect", ...asked });
  const all = await Promise.all(tiers.map(({ model }) => links.ask({ type: "inspect", ...asked, model })));
  return { ...present(all[0], "a tier"), model: autoModel, tiers };
}

/** What was said of how to split the goal. @throws GodelError REQUEST_INVALID beside a plan, OPTION_RANGE */
function planning({ plan, strategy, files = [], query }: SpawnRequest): Pick<TeamSpec, "planning"> {
  if (strategy === undefined && files.length === 0 && query === undefined) return {};
  if (plan !== undefined) {
    throw new GodelError("REQUEST_INVALID", "`strategy`, `files` and `query` are for a task, not for a plan.");
  }
  return { planning: { strategy: planStrategy(strategy), files, ...(query !== undefined && { query }) } };
}

/** Refused before anything is looked at. @throws GodelError OPTION_RANGE */
function sharing({ weight, priority }: SpawnRequest): Pick<TeamSpec, "share"> {
  if (weight === undefined && priority === undefined) return {};
  return { share: checkShare({ weight: weight ?? evenShare.weight, priority: priority ?? evenShare.priority }) };
}

function bounds({ count, min = count, max = count }: SpawnRequest): { min: number; max: number } {
  if (min <= count && count <= max) return { min, max };
  throw new GodelError("OPTION_RANGE", `min, count and max must be in this order: ${min}, ${count}, ${max}.`);
}

function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) return;
  throw new GodelError(
    "OPTION_RANGE",
    `name must be 1 to 40 of [a-z0-9-] and start with a letter or digit, got "${name}".`,
  );
}

/** Three words of the goal and a few random letters: readable, and new each time. */
function suggestName(goal: string): string {
  const words = goal.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const stem = words.slice(0, 3).join("-").slice(0, 32).replace(/-+$/, "");
  return `${stem || "team"}-${shortId(systemRandom, "", 4)}`;
}
