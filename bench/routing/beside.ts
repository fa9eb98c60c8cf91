import TinyQueue from "tinyqueue";

interface PlainAgent {
  id: string;
  active: number;
  capacity: number;
  healthy: boolean;
  costUsd: number;
}

function plainAgents(count: number): PlainAgent[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `agent-${i}`,
    active: i % 3,
    capacity: 4,
    healthy: true,
    costUsd: 0.1 + (i % 7),
  }));
}

/** Least loaded as one would write it first: filter, score, sort, take the first. */
export function filterMapSort(count: number): () => void {
  const agents = plainAgents(count);
  return () => {
    const [best] = agents
      .filter((agent) => agent.healthy && agent.active < agent.capacity)
      .map((agent) => ({ agent, score: agent.active }))
      .sort((a, b) => a.score - b.score);
    if (!best) return;
    best.agent.active += 1;
    best.agent.active -= 1;
  };
}

/** Least loaded by one pass. */
export function linearScan(count: number): () => void {
  const agents = plainAgents(count);
  return () => {
    let best: PlainAgent | undefined;
    for (const agent of agents) {
      if (!agent.healthy || agent.active >= agent.capacity) continue;
      if (!best || agent.active < best.active) best = agent;
    }
    if (!best) return;
    best.active += 1;
    best.active -= 1;
  };
}

/** Least loaded by a queue that can't move what is in it: each change leaves a stale entry, and too many of them a new queue. */
export function tinyQueue(count: number): () => void {
  const agents = plainAgents(count);
  const entry = (agent: PlainAgent) => ({ agent, active: agent.active });
  const fill = () => new TinyQueue(agents.map(entry), (a, b) => a.active - b.active);
  let queue = fill();
  return () => {
    if (queue.length > 4 * count) queue = fill();
    let least = queue.pop();
    while (least && least.active !== least.agent.active) least = queue.pop();
    if (!least) return;
    for (const step of [1, -1]) {
      least.agent.active += step;
      queue.push(entry(least.agent));
    }
  };
}
