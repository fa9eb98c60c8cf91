/** The answer to the question that is asked when all providers of a team are out. */
import type { Engine } from "../engine/engine.ts";
import { GodelError } from "../lib/errors.ts";
import type { Team } from "../model/records.ts";
import type { NodeLinks } from "./node-link.ts";
import { isAsking } from "./parked-views.ts";
import type { TeamAnswer } from "./wire.ts";

/** @throws GodelError REQUEST_INVALID, TEAM_ENDED, MODEL_UNKNOWN, MODEL_KEY_MISSING, MODEL_API_UNSUPPORTED, NODE_UNREACHABLE */
export async function answerTeam(
  engine: Engine,
  links: Pick<NodeLinks, "ask" | "parkedOf">,
  team: Team,
  { answer, model }: TeamAnswer,
): Promise<void> {
  if ((answer === "use") !== (model !== undefined)) {
    throw new GodelError("REQUEST_INVALID", "give a model with `use`, and none with the others.");
  }
  if (answer === "give-up") return giveUp(engine, links, team);
  if (model !== undefined) await checkModel(links, team, model);
  await engine.submit({ type: "standIn", team: team.id, model: model ?? null });
}

/** Agents speak one API all along; another could not answer them. */
async function checkModel(links: Pick<NodeLinks, "ask">, team: Team, model: string): Promise<void> {
  const named = team.tiers?.[0]?.model ?? team.model;
  const [theirs, its] = await Promise.all([named, model].map((each) => links.ask({ type: "speaks", model: each })));
  if (theirs === its) return;
  throw new GodelError("MODEL_API_UNSUPPORTED", `${model} speaks ${its}, and the agents of "${team.name}" ${theirs}.`);
}

async function giveUp(engine: Engine, links: Pick<NodeLinks, "parkedOf">, team: Team): Promise<void> {
  const { state } = engine;
  const out = links.parkedOf(team.id).filter((each) => each.isOut && isAsking(state, each));
  const tasks = new Set(out.flatMap(({ attempt }) => state.attempts.get(attempt)?.task ?? []));
  await Promise.all([...tasks].map((task) => engine.submit({ type: "cancelTask", task })));
}
