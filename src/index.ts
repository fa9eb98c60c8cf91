/** The library: the policies that the engine itself runs on, and the plan that they speak of. */
export { AgentSelector, type SelectorWorld } from "./federation/agent-selector.ts";
export {
  AutoScaler,
  decideScale,
  type ScaleContext,
  type ScalerState,
} from "./federation/auto-scaler.ts";
export type { AgentChanges, AgentView, BalancedAgent, Refusal } from "./federation/balancing/member.ts";
export {
  balancerDefaults,
  type Health,
  type LoadBalancerOptions,
  type StrategyName,
} from "./federation/balancing/options.ts";
export { type OutlierOptions, outlierDefaults } from "./federation/balancing/outliers.ts";
export type {
  Outcome,
  PickReason,
  PickRequest,
  Reservation,
  WaitingRequest,
} from "./federation/balancing/reservation.ts";
export {
  type CascadeContext,
  type CascadeOptions,
  type CascadeRequest,
  type Choice,
  cascadeDefaults,
  chooseTier,
  meanChance,
  type Outcomes,
  type Records,
  recorded,
  recordKey,
} from "./federation/cascade.ts";
export {
  type BreakerOptions,
  type BreakerSnapshot,
  type BreakerState,
  breakerDefaults,
  CircuitBreaker,
  type FailureClass,
  type Permit,
} from "./federation/circuit-breaker.ts";
export type { AskPlanner } from "./federation/decomposing/by-model.ts";
export { type PlanContext, type PlanFindings, planFindings } from "./federation/decomposing/plan-faults.ts";
export { DependencyResolver } from "./federation/dependency-resolver.ts";
export type { Answer } from "./federation/health/anomalies.ts";
export type { AnomalyKind, Evidence, HealthReport, Signal } from "./federation/health/evidence.ts";
export type { HealthListener } from "./federation/health/listeners.ts";
export type { ToolCall } from "./federation/health/loops.ts";
export { type HealthOptions, healthDefaults } from "./federation/health/options.ts";
export type { HealthState, Watched } from "./federation/health/record.ts";
export type { SelfDoubt } from "./federation/health/self-check.ts";
export type { Level } from "./federation/health/signals.ts";
export { HealthMonitor } from "./federation/health-monitor.ts";
export { type BalancerWorld, LoadBalancer } from "./federation/load-balancer.ts";
export type { Execution, Progress, Skip } from "./federation/resolving/execution.ts";
export type { ExecutionPlan, Schedule } from "./federation/resolving/execution-plan.ts";
export type { Dependency } from "./federation/resolving/graph.ts";
export { type Admission, type ResourceLimit, ResourceManager } from "./federation/resource-manager.ts";
export { type ResourceOptions, resourceDefaults } from "./federation/resources/options.ts";
export { type Claim, shareOut } from "./federation/resources/shares.ts";
export type {
  FleetObservation,
  PoolDecision,
  PoolObservation,
  ScaleDecision,
  ScaleInputs,
  ScaleLimit,
  ScaleReason,
} from "./federation/scaling/observation.ts";
export { idleTtlMs, type ScalerOptions, scalerDefaults } from "./federation/scaling/options.ts";
export { type SelectorOptions, selectorDefaults } from "./federation/selecting/options.ts";
export type { AgentProfile } from "./federation/selecting/profile.ts";
export type { Rejection } from "./federation/selecting/ranking.ts";
export type { SelectionRequest, SkillDemand } from "./federation/selecting/request.ts";
export type { Choice as AgentChoice, Selection } from "./federation/selecting/selection.ts";
export { type ConsistentHashOptions, ConsistentHashStrategy } from "./federation/strategies/consistent-hash.ts";
export { LeastConnectionsStrategy } from "./federation/strategies/least-connections.ts";
export { type PeakEwmaOptions, PeakEwmaStrategy } from "./federation/strategies/peak-ewma.ts";
export type { Pool, Slot, Traits } from "./federation/strategies/pool.ts";
export { PowerOfTwoStrategy } from "./federation/strategies/power-of-two.ts";
export { RoundRobinStrategy } from "./federation/strategies/round-robin.ts";
export type { PickContext, Sample, Strategy } from "./federation/strategies/strategy.ts";
export { type WeightedOptions, WeightedStrategy, type Weights } from "./federation/strategies/weighted.ts";
export {
  type DecomposerParts,
  type Goal,
  type PlanStrategy,
  planStrategies,
  strategyOf,
  TaskDecomposer,
} from "./federation/task-decomposer.ts";
export { type ErrorCode, GodelError } from "./lib/errors.ts";
export type { ChatMessage, ToolSpec } from "./model/chat.ts";
export { checkPlan, type Demand, type Plan, type PlanTask } from "./model/plan.ts";
export type { MappedFile, RepoMap } from "./model/repo-map.ts";
export type { Tier } from "./model/tiers.ts";
