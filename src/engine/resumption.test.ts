import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../model/events.ts";
import type { Resumption } from "../model/records.ts";
import { noUsage } from "../model/usage.ts";
import { Fleet } from "./fleet.testing.ts";
import { ordersFor } from "./orders.ts";

/** The attempt at `a` begins; the agent's host dies; another agent comes up and takes the task. */
function begin(fleet: Fleet, resumption?: Resumption): void {
  fleet.report({ type: "attemptStarted", attempt: fleet.attempt("a").id, sessionId: "s", transcript: "t", resumption });
}

function hostDies(fleet: Fleet): Event[] {
  const lost = fleet.report({ type: "agentLost", agent: fleet.attempt("a").agent, reason: "host 70 was killed" });
  fleet.startAll();
  return lost;
}

function saved(from: string): Resumption {
  return { from, saved: { ...noUsage, input: 7 } };
}

function oneTask(options: ConstructorParameters<typeof Fleet>[0] = {}): Fleet {
  const fleet = new Fleet({ maxLosses: 100, ...options });
  fleet.team({ a: [] }, { desired: 1 });
  return fleet;
}

test("an attempt that died with its host is gone on with by the next, which is told what it died of", () => {
  const fleet = oneTask();
  begin(fleet);
  hostDies(fleet);
  const attempt = fleet.attempt("a");
  deepEqual(attempt.resumes, ["t1/a/1"]);
  const orders = ordersFor(fleet.state, fleet.events.slice(-1), fleet.options).get("n1") ?? [];
  const [order] = orders.filter(({ type }) => type === "startAttempt");
  const resumes = order?.type === "startAttempt" ? order.attempt.resumes : undefined;
  deepEqual(resumes, { attempts: ["t1/a/1"], because: "host 70 was killed" });
  begin(fleet, saved("t1/a/1"));
  deepEqual(fleet.attempt("a").resumption, saved("t1/a/1"));
});

test("an attempt that died with its node is gone on with too", () => {
  const fleet = oneTask();
  begin(fleet);
  fleet.run({ type: "loseNode", node: "n1", pid: 7, reason: "its process died", planned: false });
  fleet.join([], [], 8);
  fleet.startAll();
  deepEqual(fleet.attempt("a").resumes, ["t1/a/1"]);
});

test("an attempt is gone on with when its node died unseen, with the engine", () => {
  const fleet = oneTask();
  begin(fleet);
  fleet.join([], [], 8);
  fleet.startAll();
  deepEqual(fleet.attempt("a").resumes, ["t1/a/1"]);
});

test("after the second time in a row the task begins from the start, and then may go on again", () => {
  const fleet = oneTask({ maxResumes: 2 });
  const resumes: unknown[] = [];
  for (let number = 1; number <= 5; number++) {
    const { resumes: from } = fleet.attempt("a");
    resumes.push(from);
    begin(fleet, from && saved(from[0] ?? ""));
    hostDies(fleet);
  }
  deepEqual(resumes, [undefined, ["t1/a/1"], ["t1/a/2"], undefined, ["t1/a/4"]]);
});

test("one that could not go on does not count as a time", () => {
  const fleet = oneTask({ maxResumes: 1 });
  begin(fleet);
  hostDies(fleet);
  begin(fleet, { from: "t1/a/1", refused: "its session file is gone" });
  hostDies(fleet);
  deepEqual(fleet.attempt("a").resumes, ["t1/a/2"]);
});

test("an attempt that died before it had begun leaves what it was to go on with to the next", () => {
  const fleet = oneTask();
  hostDies(fleet);
  equal(fleet.attempt("a").resumes, undefined, "nobody has begun");
  begin(fleet);
  hostDies(fleet);
  hostDies(fleet);
  deepEqual(fleet.attempt("a").resumes, ["t1/a/3", "t1/a/2"]);
});

test("who failed, or was killed by a person, is not gone on with", () => {
  const fleet = oneTask();
  begin(fleet);
  fleet.fail("a");
  fleet.at += 100_000;
  fleet.run({ type: "wake" });
  equal(fleet.attempt("a").resumes, undefined);
  begin(fleet);
  fleet.run({ type: "killAgent", agent: fleet.attempt("a").agent });
  fleet.report({ type: "agentStopped", agent: "t1-a1", reason: "it was told to", failed: false });
  fleet.startAll();
  equal(fleet.attempt("a").number, 3);
  equal(fleet.attempt("a").resumes, undefined);
});

test("a task that lost its attempt comes before those that have waited for less long than it had", () => {
  const fleet = new Fleet();
  fleet.team({ a: [], b: [], c: [] }, { desired: 1 });
  begin(fleet);
  fleet.at += 1_000;
  hostDies(fleet);
  equal(fleet.attempt("a").number, 2);
});

test("with no times allowed every attempt begins from the start", () => {
  const fleet = oneTask({ maxResumes: 0 });
  begin(fleet);
  hostDies(fleet);
  equal(fleet.attempt("a").resumes, undefined);
});
