import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import { teamOf } from "../engine/state.ts";
import type { Command } from "../model/commands.ts";
import { answerTeam } from "./answer-route.ts";
import { parkedGroups } from "./parked-views.ts";

const minute = 60_000;

test("a person is asked when all is out and it takes long, and not for a limit that lifts by itself", () => {
  const fleet = new Fleet();
  fleet.team({ a: [] });
  const { at } = fleet.state;
  const asks = (given: object) => {
    const parked = { team: "t1", attempt: fleet.attempt("a").id, why: "w", until: null, ...given };
    return parkedGroups(fleet.state, [parked])[0]?.asks;
  };
  equal(asks({ isOut: true, since: at - 5 * minute, until: at + 20_000 }), true);
  equal(asks({ isOut: true, since: at - 5 * minute + 1, until: at + 20_000 }), false);
  equal(asks({ isOut: true, since: at, until: at + 60 * minute }), true);
  equal(asks({ isOut: true, since: at - 1_000, askAfterMs: 1_000 }), true);
  equal(asks({ isOut: false, since: at - 60 * minute, until: at + 60 * minute }), false);
  equal(asks({}), false);
});

test("the answer is another model that speaks the same API, to wait, or to cancel what waits and nothing else", async () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: ["a"] }, { desired: 2 });
  const engine = { state: fleet.state, submit: async (command: Command) => void fleet.run(command) };
  const attempt = fleet.attempt("a").id;
  const parked = [{ team: "t1", attempt, why: "acme is down", until: null, isOut: true }];
  const ask = async ({ model }: { model: string }) =>
    model === "other/claude" ? "anthropic-messages" : "openai-completions";
  const answer = (given: object) =>
    answerTeam(engine as never, { ask, parkedOf: () => parked } as never, teamOf(fleet.state, "t1"), given as never);
  await answer({ answer: "use", model: "other/m" });
  equal(teamOf(fleet.state, "t1").standIn, "other/m");
  await rejects(answer({ answer: "use", model: "other/claude" }), { code: "MODEL_API_UNSUPPORTED" });
  await rejects(answer({ answer: "use" }), { code: "REQUEST_INVALID" });
  await rejects(answer({ answer: "wait", model: "other/m" }), { code: "REQUEST_INVALID" });
  await answer({ answer: "wait" });
  equal(teamOf(fleet.state, "t1").standIn, undefined);
  await answer({ answer: "give-up" });
  deepEqual(
    ["a", "b", "c"].map((key) => fleet.task(key).state),
    ["cancelled", "running", "skipped"],
  );
});
