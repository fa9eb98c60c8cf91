import { AgentSelector } from "../../src/federation/agent-selector.ts";
import type { AgentProfile } from "../../src/federation/selecting/profile.ts";
import type { Selection } from "../../src/federation/selecting/selection.ts";
import { type Random, seededRandom } from "../../src/lib/random.ts";
import { type Aim, type BenchOptions, type Figure, median, quantile } from "../harness.ts";
import { medianNs } from "./time.ts";

const skills = Array.from({ length: 20 }, (_, i) => `skill-${i}`);
/** Kinds of requests: two skills each, by three preferences of cost. */
const kinds = 32;
const capacity = 4;

interface Size {
  label: string;
  count: number;
  aim: Aim | null;
  /** p99 of the earlier godel on equal work, without its busy loop, in µs: facts of its measurement, not run again here. */
  earlierUs: number | null;
}

const sizes: readonly Size[] = [
  { label: "50", count: 50, aim: null, earlierUs: 134 },
  { label: "1k", count: 1_000, aim: { below: 10 }, earlierUs: 407 },
  { label: "10k", count: 10_000, aim: { below: 50 }, earlierUs: null },
];

interface Request {
  requiredSkills: string[];
  preferredCost: "low" | "medium" | "high";
}

/** The agent for a task by skills and score, reserved and released, with half of all places taken. */
export function selectionFigures(options: BenchOptions): Figure[] {
  return sizes.flatMap(({ label, count, aim, earlierUs }) => {
    const random = seededRandom(options.seed);
    const agents = drawAgents(random, count);
    const requests = drawRequests(random);
    const busy = new BusySelector(agents, requests, options.seed);
    const plain = filterMapSort(agents, requests);
    const earlier = earlierUs === null ? [] : [{ name: "the earlier godel, as measured once", value: earlierUs }];
    const rounds = options.quick ? 3 : 9;
    return [
      {
        name: `skill-aware selection, ${label} agents: p99`,
        value: p99Us(
          () => busy.select(),
          () => busy.letGo(),
          rounds,
          options.quick ? 2_000 : 20_000,
        ),
        unit: "µs",
        aim,
        beside: [
          { name: "filter/map/sort", value: p99Us(plain, () => {}, 3, options.quick ? 200 : 1_000) },
          ...earlier,
        ],
      },
      {
        name: `skill-aware selection, ${label} agents: decisions`,
        value: 1e9 / medianNs(() => busy.turn(), options),
        unit: "/s",
        aim: count === 10_000 ? { above: 100_000 } : null,
        beside: [{ name: "filter/map/sort", value: 1e9 / medianNs(plain, options) }],
      },
      {
        name: `no agent fits, ${label} agents`,
        value: medianNs(() => busy.refuse(), options) / 1e3,
        unit: "µs",
        aim: null,
        beside: [],
      },
    ];
  });
}

function drawAgents(random: Random, count: number): AgentProfile[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `agent-${i}`,
    capacity,
    skills: skills.filter(() => random.next() < 0.4),
    costUsd: 0.01 + random.next(),
    taskMs: 60_000 * (1 + 9 * random.next()),
    record: { passed: 10 * random.next(), failed: 3 * random.next(), work: 0, ms: 0, usd: 0, at: 0 },
  }));
}

function drawRequests(random: Random): Request[] {
  const draw = <T>(items: readonly T[]) => items[Math.floor(random.next() * items.length)] as T;
  return Array.from({ length: kinds }, () => ({
    requiredSkills: [draw(skills), draw(skills)],
    preferredCost: draw(["low", "medium", "high"] as const),
  }));
}

/** A fleet with half of its places taken; each turn gives out one place and takes back another. */
class BusySelector {
  readonly #selector: AgentSelector;
  readonly #requests: readonly Request[];
  readonly #held: Selection[] = [];
  readonly #random: Random;
  #turn = 0;

  constructor(agents: readonly AgentProfile[], requests: readonly Request[], seed: number) {
    this.#random = seededRandom(seed);
    this.#selector = new AgentSelector({}, { random: this.#random });
    this.#requests = requests;
    for (const agent of agents) this.#selector.setAgent(agent);
    for (let i = 0; i < (agents.length * capacity) / 2; i++) this.select();
  }

  select(): void {
    const request = this.#requests[this.#turn++ % kinds];
    if (request) this.#held.push(this.#selector.selectAgent(request));
  }

  /** One of those that are held, by chance. */
  letGo(): void {
    const which = Math.floor(this.#random.next() * this.#held.length);
    const last = this.#held.pop();
    const one = this.#held[which];
    if (last && one) this.#held[which] = last;
    (one ?? last)?.release();
  }

  turn(): void {
    this.select();
    this.letGo();
  }

  refuse(): void {
    this.#selector.selectAgent({ requiredSkills: ["a skill that nobody has"] });
  }
}

/** As one would write it first: those with the skills and with room, scored by the same terms, sorted, the first. */
function filterMapSort(profiles: readonly AgentProfile[], requests: readonly Request[]): () => void {
  const agents = profiles.map((profile, i) => ({
    ...profile,
    skills: new Set(profile.skills as string[]),
    active: i % 3,
    reliability: (profile.record?.passed ?? 0) / ((profile.record?.passed ?? 0) + (profile.record?.failed ?? 1)),
  }));
  let turn = 0;
  return () => {
    const { requiredSkills } = requests[turn++ % kinds] ?? { requiredSkills: [] };
    const [best] = agents
      .filter((agent) => agent.active < capacity && requiredSkills.every((skill) => agent.skills.has(skill)))
      .map((agent) => ({
        agent,
        score:
          0.2 * (requiredSkills.length / agent.skills.size) +
          0.15 * (1 - agent.active / capacity) +
          0.2 / (1 + (agent.costUsd ?? 0)) +
          0.15 / (1 + (agent.taskMs ?? 0)) +
          0.3 * agent.reliability,
      }))
      .sort((a, b) => b.score - a.score);
    if (!best) return;
    best.agent.active += 1;
    best.agent.active -= 1;
  };
}

/** The median over `rounds` of the 99th percentile of one `operation`, in µs; `between` is not timed. */
function p99Us(operation: () => void, between: () => void, rounds: number, calls: number): number {
  const round = () => {
    const times: number[] = [];
    for (let i = 0; i < calls; i++) {
      const start = process.hrtime.bigint();
      operation();
      times.push(Number(process.hrtime.bigint() - start) / 1e3);
      between();
    }
    return quantile(times, 0.99);
  };
  round();
  return median(Array.from({ length: rounds }, round));
}
