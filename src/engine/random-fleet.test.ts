/** A fleet in which anything may happen to any attempt at any time. Not the simulator: no lost or late messages yet. */
import { equal } from "node:assert/strict";
import { test } from "node:test";
import { pick, seededRandom } from "../lib/random.ts";
import { agentEnded, attemptEnded, teamEnded } from "../model/states.ts";
import { Fleet, planOf, teamSpec } from "./fleet.testing.ts";

const steps = 3_000;
const failure = { reason: "gate", detail: "no" } as const;

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`every task of a team ends, and every rule holds at each step, whatever happens (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const fleet = new Fleet({ retryDelayMs: 10, maxFailures: 4, maxLosses: 6 });
    fleet.join();
    fleet.run({ type: "createTeam", team: teamSpec({ desired: 5 }), plan: planOf(randomGraph(40)) });
    for (let step = 0; step < steps && !teamEnded(fleet.state.teams.get("t1")?.state ?? "planning"); step++) {
      fleet.at += Math.floor(random.next() * 20);
      disturb();
    }
    equal(teamEnded(fleet.state.teams.get("t1")?.state ?? "planning"), true);

    function disturb(): void {
      const roll = random.next();
      fleet.startAll();
      if (roll < 0.02) return restartNode();
      if (roll < 0.05) return loseAgent();
      if (roll < 0.07)
        return void fleet.run({ type: "scaleTeam", team: "t1", desired: 1 + Math.floor(random.next() * 8) });
      if (roll < 0.09) return repeatOldReport();
      if (roll < 0.12) return reassign();
      advance();
    }

    function advance(): void {
      const attempt = pick(
        random,
        [...fleet.state.attempts.values()].filter(({ state }) => !attemptEnded(state)),
      );
      if (!attempt) return void fleet.run({ type: "wake" });
      if (random.next() < 0.1)
        return void fleet.report({ type: "attemptFailed", attempt: attempt.id, failure, commit: null });
      if (attempt.state === "leased")
        fleet.report({ type: "attemptStarted", attempt: attempt.id, sessionId: "s", transcript: null });
      else if (attempt.state === "running") fleet.report({ type: "attemptVerifying", attempt: attempt.id });
      else if (attempt.state === "verifying")
        fleet.report({ type: "attemptVerified", attempt: attempt.id, commit: "c" });
      else fleet.report({ type: "attemptMerged", attempt: attempt.id, commit: "m" });
    }

    function loseAgent(): void {
      const agent = pick(
        random,
        [...fleet.state.agents.values()].filter(({ state }) => !agentEnded(state)),
      );
      if (!agent) return;
      if (agent.state === "draining")
        fleet.report({ type: "agentStopped", agent: agent.id, reason: "asked", failed: false });
      else fleet.report({ type: "agentLost", agent: agent.id, reason: "host died" });
    }

    function reassign(): void {
      const task = pick(
        random,
        [...fleet.state.tasks.values()].filter(({ state }) => state === "running"),
      );
      if (task) fleet.run({ type: "reassignTask", task: task.id });
    }

    function restartNode(): void {
      // The next process may still hold reports of the last one.
      const pending = [...fleet.state.attempts.keys()].filter(() => random.next() < 0.3);
      const pid = fleet.state.nodes.get("n1")?.pid ?? 0;
      fleet.run({ type: "loseNode", node: "n1", pid, reason: "killed", planned: random.next() < 0.5 });
      fleet.join([], pending, 100 + Math.floor(random.next() * 1e6));
    }

    function repeatOldReport(): void {
      const old = pick(
        random,
        [...fleet.state.attempts.values()].filter(({ state }) => attemptEnded(state)),
      );
      const open = pick(
        random,
        [...fleet.state.attempts.values()].filter(({ state }) => !attemptEnded(state)),
      );
      if (old) fleet.report({ type: "attemptMerged", attempt: old.id, commit: "late" });
      if (open && open.state !== "leased") fleet.report({ type: "attemptVerifying", attempt: open.id });
    }

    function randomGraph(size: number): Record<string, string[]> {
      const tasks: Record<string, string[]> = {};
      for (let i = 0; i < size; i++) {
        tasks[`t${i}`] = Array.from({ length: i }, (_, j) => `t${j}`).filter(() => random.next() < 1.5 / size);
      }
      return tasks;
    }
  });
}
