import type { TeamAnswer } from "../../api/wire.ts";
import { GodelError } from "../../lib/errors.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";

export interface AnswerFlags extends JsonFlag {
  model?: string;
  wait?: boolean;
  giveUp?: boolean;
}

export default async function teamAnswer(this: Cli, flags: AnswerFlags, team?: string): Promise<void> {
  const body = answerOf(flags);
  const status = await clientOf(this.home).call("answerTeam", { params: { team: team ?? "-" }, body });
  const said: Record<TeamAnswer["answer"], string> = {
    use: `may use ${body.model} while its own providers are out`,
    wait: "waits for its own providers",
    "give-up": "gives up the tasks that wait for a provider",
  };
  print(this, flags, status, () => `${status.team.name} ${said[body.answer]}.\n`);
}

function answerOf({ model, wait = false, giveUp = false }: AnswerFlags): TeamAnswer {
  if ([model !== undefined, wait, giveUp].filter(Boolean).length !== 1) {
    throw new GodelError("REQUEST_INVALID", "give one of --model PROVIDER/ID, --wait and --give-up.");
  }
  if (model !== undefined) return { answer: "use", model };
  return { answer: wait ? "wait" : "give-up" };
}
