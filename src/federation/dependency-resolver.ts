import { ExecutionPlan } from "./resolving/execution-plan.ts";
import { type Dependency, TaskGraph } from "./resolving/graph.ts";

/**
 * Turns needs into a plan: order, levels, ranks, slack, the critical path, who does what when with so many agents; and
 * carries it out step by step while tasks are added, cancelled and fail.
 *
 * O(tasks + needs), without recursion.
 */
export class DependencyResolver {
  /** @throws GodelError PLAN_INVALID on a need that is not in the graph, on an id twice, and on a cycle, which is named as a path. */
  resolve(dependencies: readonly Dependency[]): ExecutionPlan {
    return new ExecutionPlan(dependencies, new TaskGraph(dependencies));
  }
}
