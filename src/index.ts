/** The library: the policies that the engine itself runs on, and the plan that they speak of. */
export { AgentSelector, type Candidate, type Selection, type SelectionRequest } from "./federation/agent-selector.ts";
export { type Dependency, DependencyResolver, type Resolution } from "./federation/dependency-resolver.ts";
export { type DecomposerParts, type Goal, TaskDecomposer } from "./federation/task-decomposer.ts";
export { type ErrorCode, GodelError } from "./lib/errors.ts";
export type { ChatMessage } from "./model/link.ts";
export { checkPlan, type Plan, type PlanTask } from "./model/plan.ts";
