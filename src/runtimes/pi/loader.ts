import { sep } from "node:path";
import type { ResourceLoader } from "@earendil-works/pi-coding-agent";
import type { Sdk } from "./sdk.ts";

export interface LoaderOptions {
  cwd: string;
  /** pi's own folder for this agent; nothing is expected in it. */
  agentDir: string;
  /** Appended to pi's system prompt. */
  addendum: string;
}

/**
 * What pi adds to a session: the worktree's own AGENTS.md or CLAUDE.md and our addendum. Extensions, skills and
 * templates of the user or the repository are not looked for: they would run code outside of the box.
 */
export function plainLoader(sdk: Sdk, { cwd, agentDir, addendum }: LoaderOptions): ResourceLoader {
  const none = { diagnostics: [] };
  // pi also walks up to the root; what lies above the worktree is not part of the repository.
  const agentsFiles = sdk.loadProjectContextFiles({ cwd, agentDir }).filter(({ path }) => path.startsWith(cwd + sep));
  const extensions = { extensions: [], errors: [], runtime: sdk.createExtensionRuntime() };
  return {
    getExtensions: () => extensions,
    getSkills: () => ({ skills: [], ...none }),
    getPrompts: () => ({ prompts: [], ...none }),
    getThemes: () => ({ themes: [], ...none }),
    getAgentsFiles: () => ({ agentsFiles }),
    getSystemPrompt: () => undefined,
    getSystemPromptSource: () => undefined,
    getAppendSystemPrompt: () => [addendum],
    getAppendSystemPromptSources: () => [],
    extendResources: () => {},
    reload: async () => {},
  };
}

/** Who the agent is, told in its system prompt. */
export function addendum(cwd: string, commandTimeoutS: number): string {
  return [
    "You are one of a fleet of agents that godel runs. Nobody reads along and nobody answers questions: decide yourself.",
    `Work only inside ${cwd}, a git worktree made for this task. Files outside of it are refused.`,
    "Do not commit, push, switch branches or change git's configuration: godel commits and merges what you leave behind.",
    `A command is stopped after ${commandTimeoutS} seconds unless you give it a timeout. Nothing may wait for input.`,
    "Check your work before you end: godel runs the project's checks afterwards, and work that fails them is rejected.",
    "End with a short summary of what you changed and why.",
  ].join("\n");
}
