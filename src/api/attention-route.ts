import type { Engine } from "../engine/engine.ts";
import { GodelError, messageOf } from "../lib/errors.ts";
import type { Command } from "../model/commands.ts";
import { attentionOf } from "./attention.ts";
import type { BulkAnswer } from "./attention-wire.ts";
import { findAgent, findTask } from "./look-up.ts";
import type { NodeLinks } from "./node-link.ts";
import type { Serve } from "./serve.ts";

const taskCommands = { retry: "retryTask", cancel: "cancelTask" } as const;
const agentCommands = { pause: "pauseAgent", resume: "resumeAgent", kill: "killAgent" } as const;

/** What needs a person, and one decision for many. */
export function addAttentionRoutes(serve: Serve, { engine, links }: { engine: Engine; links: NodeLinks }): void {
  serve("getAttention", () => ({ items: attentionOf(engine.state, links) }));
  serve("listProviders", async () => ({ items: await links.ask({ type: "providers" }) }));
  serve("forTasks", ({ body: { action, ids } }) =>
    forEach(engine, ids, async (id) => ({ type: taskCommands[action], task: (await findTask(engine, id)).task.id })),
  );
  serve("forAgents", ({ body: { action, ids } }) =>
    forEach(engine, ids, async (id) => ({
      type: agentCommands[action],
      agent: (await findAgent(engine, id)).agent.id,
    })),
  );
}

/** Each by itself: what one is refused the others are not. Many of them share a turn of the loop. */
async function forEach(
  engine: Engine,
  ids: readonly string[],
  commandFor: (id: string) => Promise<Command>,
): Promise<BulkAnswer> {
  const answer: BulkAnswer = { done: [], refused: [] };
  const submit = async (id: string) => {
    try {
      await engine.submit(await commandFor(id));
      answer.done.push(id);
    } catch (error) {
      if (!(error instanceof GodelError)) throw error;
      answer.refused.push({ id, code: error.code, detail: messageOf(error) });
    }
  };
  await Promise.all(ids.map(submit));
  return answer;
}
