/** The policies as a library: each line of the design, as it stands there, from the package's entry. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import {
  AgentSelector,
  AutoScaler,
  type Dependency,
  DependencyResolver,
  HealthMonitor,
  LoadBalancer,
  TaskDecomposer,
  WeightedStrategy,
} from "godel";

test("a goal is decomposed into tasks for as many agents", async () => {
  const shards = Array.from({ length: 5 }, (_, i) => ({ id: `part-${i}`, prompt: `Do part ${i} of the login flow` }));
  const decomposer = new TaskDecomposer({ ask: async () => JSON.stringify({ tasks: shards }) });

  const decomposed = await decomposer.decompose({ task: "Implement OAuth", parallelism: 5 });
  equal(decomposed.tasks.length, 5);
});

test("an agent is selected that has the skills, by what is preferred, and is reserved", async () => {
  const selector = new AgentSelector();
  selector.setAgent({ id: "dear", skills: ["testing", "typescript"], costUsd: 3 });
  selector.setAgent({ id: "cheap", skills: ["testing", "typescript"], costUsd: 0.02 });
  selector.setAgent({ id: "cheapest", skills: ["typescript"], costUsd: 0.01 });
  const select = () =>
    selector.selectAgent({ task: "Write tests", requiredSkills: ["testing", "typescript"], preferredCost: "low" });

  const selection = await select();
  equal(selection.agent?.id, "cheap");
  deepEqual(selection.rejected, [{ why: "lacks testing", agents: 1 }]);
  equal((await select()).agent?.id, "dear");
  equal((await select()).agent, null);
  selection.release({ passed: true });
  equal((await select()).agent?.id, "cheap");
});

test("needs are resolved into a plan", async () => {
  const resolver = new DependencyResolver();
  const dependencies: Dependency[] = [
    { id: "build", needs: [], weight: 2 },
    { id: "test", needs: ["build"] },
    { id: "docs", needs: [] },
  ];
  const plan = await resolver.resolve(dependencies);
  deepEqual(plan.criticalPath, ["build", "test"]);
  equal(plan.schedule(2).makespan, 3);
});

test("a balancer hands out the least busy agent", async () => {
  const balancer = new LoadBalancer({
    strategy: "least-connections",
    healthCheckInterval: 5000,
    circuitBreaker: { failureThreshold: 3 },
  });
  balancer.addAgent({ id: "a1", capacity: 2 });
  balancer.addAgent({ id: "a2", capacity: 2 });
  const agent = await balancer.getAgent();
  const other = await balancer.getAgent();
  ok(agent.id !== other.id);
});

test("weights and sizes are taken as they are written", () => {
  new WeightedStrategy({ weights: { speed: 0.4, cost: 0.3, reliability: 0.3 } });
  new AutoScaler({ minAgents: 2, maxAgents: 50, scaleUpThreshold: 10, scaleDownThreshold: 0.2, maxCostPerHour: 10 });
});

test("who listens hears of an agent that is unhealthy", () => {
  const monitor = new HealthMonitor();
  const removed: string[] = [];
  monitor.on("unhealthy", (agentId) => {
    removed.push(agentId);
  });
  monitor.watch({ agent: "a1" }, 0);
  monitor.exited("a1", { expected: false, detail: "killed by SIGKILL" }, 10);
  deepEqual(removed, ["a1"]);
});
