import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../engine/fleet.testing.ts";
import { present } from "../lib/assert.ts";
import type { Evidence } from "../model/reasons.ts";
import { alertsOf } from "./alerts.ts";
import { agentViews } from "./views.ts";
import { why } from "./why.ts";

const stall: Evidence = { signal: "progress", detail: "no token for 300000 ms", figures: {} };

function fleetOf(desired: number): Fleet {
  const fleet = new Fleet();
  fleet.team(Object.fromEntries(Array.from({ length: desired + 1 }, (_, i) => [`k${i}`, []])), { desired });
  return fleet;
}

const noneLive = { activities: new Map(), parkedOf: () => [] };

function shown(fleet: Fleet, agent: string) {
  return present(agentViews(fleet.state, [present(fleet.state.agents.get(agent), agent)], noneLive)[0], agent);
}

const alerts = (fleet: Fleet) => alertsOf(fleet.state, present(fleet.state.teams.get("t1"), "the team"));

test("of an agent that is suspect it is shown since when and why, until it is trusted again", () => {
  const fleet = fleetOf(1);
  const { agent } = fleet.attempt("k0");
  fleet.run({ type: "suspectAgent", agent, evidence: stall });
  deepEqual(shown(fleet, agent).suspicion, {
    at: "1970-01-01T00:00:01.000Z",
    signal: "progress",
    detail: stall.detail,
  });
  deepEqual(alerts(fleet), [`agent ${agent} is suspect: ${stall.detail}`]);
  match(why(fleet.state, fleet.task("k0"), noneLive).because, /it is suspect: no token for 300000 ms/);
  match(why(fleet.state, fleet.task("k1"), noneLive).because, /0 at work, 0 paused, 1 suspect, 0 starting/);

  fleet.run({ type: "trustAgent", agent });
  equal(shown(fleet, agent).suspicion, null);
  deepEqual(alerts(fleet), []);
});

test("what was odd about an agent is shown, and for what one was set aside", () => {
  const fleet = fleetOf(1);
  const { agent } = fleet.attempt("k0");
  fleet.run({ type: "noteAnomaly", agent, evidence: { signal: "errors", detail: "it fails often", figures: {} } });
  deepEqual(
    shown(fleet, agent).anomalies.map(({ detail }) => detail),
    ["it fails often"],
  );
  fleet.run({ type: "ejectAgent", agent, evidence: stall });
  deepEqual([shown(fleet, agent).state, shown(fleet, agent).reason], ["ejected", stall.detail]);
  match(why(fleet.state, fleet.task("k0"), noneLive).facts.join("\n"), /stalled: the agent made no progress/);
});

test("where one after the other is set aside, the team says that and until when it stops", () => {
  const fleet = fleetOf(1);
  for (let i = 0; i < 5; i++) {
    fleet.startAll();
    const [agent = ""] = fleet.state.index.teams.get("t1")?.live ?? [];
    fleet.run({ type: "ejectAgent", agent, evidence: stall });
  }
  match(alerts(fleet).join("\n"), /no work got done, so none is set aside until 1970/);
});

test("many suspects are named by three and counted", () => {
  const fleet = fleetOf(5);
  for (let i = 0; i < 5; i++) fleet.run({ type: "suspectAgent", agent: fleet.attempt(`k${i}`).agent, evidence: stall });
  equal(alerts(fleet).length, 4);
  match(alerts(fleet).at(-1) ?? "", /^2 more agents are suspect$/);
});

test("a team whose agents die again and again says until when none is started", () => {
  const fleet = fleetOf(1);
  const evidence = { signal: "crash-loop", detail: "3 crashes within 600 s", figures: {} };
  fleet.run({ type: "quarantineTeam", team: "t1", forMs: 60_000, evidence });
  match(alerts(fleet).join("\n"), /no agent is started before 1970-01-01T00:01:01.000Z: 3 crashes/);
});

test("of an agent that gets no work it is shown until when, and why", () => {
  const fleet = new Fleet({ retryDelayMs: 600_000 });
  fleet.team(Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`k${i}`, []])), { desired: 3 });
  for (let i = 0; i < 3; i++) {
    const attempt = present(fleet.state.agents.get("t1-a1")?.attempt, "its work");
    fleet.report({ type: "attemptFailed", attempt, failure: { reason: "agent-error", detail: "no" }, commit: null });
  }
  match(shown(fleet, "t1-a1").held?.why ?? "", /failed by its own fault, at different tasks/);
  match(shown(fleet, "t1-a1").held?.until ?? "", /^1970-01-01T00:00:3\d/);
  match(alerts(fleet).join("\n"), /agent t1-a1 gets no work until 1970/);
  equal(shown(fleet, "t1-a2").held, null);
  match(why(fleet.state, fleet.task("k5"), noneLive).because, /the agent that is free gets no work for a while/);
});
