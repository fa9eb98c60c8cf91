export type { GateOptions, GateOutcome } from "./gates.ts";
export { withoutGit } from "./git-environment.ts";
export type { MergeOutcome, MergeRequest } from "./merge.ts";
export type { Message } from "./snapshot.ts";
export type { AttemptSpec, Workspace, WorkspaceLimits } from "./workspace.ts";
export { Workspaces } from "./workspaces.ts";
