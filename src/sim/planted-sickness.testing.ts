/** Bugs in telling who is sick, in sizing teams and in sharing places, that the simulator must find. */
import type { Policies } from "../federation/policies.ts";
import { decodeFrame, encodeFrame, type FromNode, type ToNode } from "../model/link.ts";
import type { Bugs } from "./bugs.ts";

const never = 1e12;

function health(options: Partial<Policies["health"]>): () => Bugs {
  return () => ({ policies: (policies) => ({ ...policies, health: { ...policies.health, ...options } }) });
}

function scaler(options: Partial<Policies["scaler"]>): () => Bugs {
  return () => ({ policies: (policies) => ({ ...policies, scaler: { ...policies.scaler, ...options } }) });
}

/** Of what agents do, nothing is told but that they live. */
function tellsNoSigns(text: string): string[] {
  const frame = decodeFrame<FromNode>(text);
  return frame?.type === "heartbeat" ? [encodeFrame({ ...frame, signs: [] })] : [text];
}

/** For a fifth of the time a node tells nothing of its hosts, though they answer. */
function deafAtTimes(): NonNullable<Bugs["toEngine"]> {
  let beats = 0;
  return (text) => {
    const frame = decodeFrame<FromNode>(text);
    if (frame?.type !== "heartbeat") return [text];
    beats++;
    return beats % 50 < 10 ? [encodeFrame({ ...frame, hostBeats: [] })] : [text];
  };
}

/** The agents of the first team are never started. */
function starves(text: string): string[] {
  const frame = decodeFrame<ToNode>(text);
  if (frame?.type !== "order" || frame.order.type !== "startAgents") return [text];
  const agents = frame.order.agents.filter(({ team }) => team !== "t1");
  return agents.length === 0 ? [] : [encodeFrame({ ...frame, order: { ...frame.order, agents } })];
}

export const sicknessBugs: Record<string, () => Bugs> = {
  "a host that stands still is not missed": health({ pauseMs: never }),
  "an agent that makes no progress is left": health({ stallSuspectMs: never, stallMs: never }),
  "an agent in a loop goes on": () => ({ toEngine: tellsNoSigns }),
  "the quick are taken for slow": health({ speedZ: 0.01 }),
  "a node now and then does not hear its hosts": () => ({ toEngine: deafAtTimes() }),
  "agents are started faster than they may be": scaler({ spawnBurst: 10_000, spawnsPerSecond: 10_000 }),
  "the hourly budget of a team's size is forgotten": scaler({ maxCostPerHour: Number.POSITIVE_INFINITY }),
  "starts that fail are tried again at once": scaler({ maxSpawnFailures: 1 }),
  "a team gets no agent": () => ({ toNode: starves }),
};
