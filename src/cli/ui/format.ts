/** Numbers as people read them. */
import type { AgentState, TaskState, TeamState } from "../../model/states.ts";
import type { Style } from "./style.ts";

/** Cents from a dollar on; below it as many places as the first two digits need: $12.40, $0.031, $0.00042. */
export function usd(amount: number): string {
  if (amount === 0 || amount >= 1) return `$${amount.toFixed(2)}`;
  const places = Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(amount))));
  return `$${amount.toFixed(places)}`;
}

export function spending(spentUsd: number, budgetUsd: number | null): string {
  return budgetUsd === null ? usd(spentUsd) : `${usd(spentUsd)} of ${usd(budgetUsd)}`;
}

/** 0.9 s, 12 s, 3 m 04 s, 2 h 05 m. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two((seconds % 3600) / 60)} m`;
}

/** 950, 12.3k, 4.56M. */
export function amount(n: number): string {
  if (n < 1000) return String(n);
  if (n < 1_000_000) return `${(n / 1000).toFixed(1)}k`;
  return `${(n / 1_000_000).toFixed(2)}M`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** An ISO time to the minute, still in UTC. */
export function minute(time: string | null): string {
  return time === null ? "" : `${time.slice(0, 16).replace("T", " ")}Z`;
}

/** The non-zero counts, in the order given: `47 running, 10 blocked`. */
export function counts(named: Record<string, number>): string {
  return Object.entries(named)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

export function stateColour(style: Style, state: TeamState | TaskState | AgentState): string {
  if (state === "done" || state === "idle") return style.green(state);
  if (state === "failed" || state === "killed" || state === "lost") return style.red(state);
  if (state === "paused" || state === "suspect" || state === "skipped" || state === "cancelled")
    return style.yellow(state);
  return state === "running" || state === "busy" ? style.cyan(state) : state;
}

/** `text` as one word of a shell command that people copy. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** 950 B, 12.3 kB, 4.5 MB. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 1_000_000) return `${(n / 1000).toFixed(1)} kB`;
  return `${(n / 1_000_000).toFixed(1)} MB`;
}

/** Why a request waits, and until when: `acme said 429, until 12:30:10Z`. "" where none does. */
export function parkedText(parked: { why: string; until: string | null } | null): string {
  if (parked === null) return "";
  return `waits: ${parked.why}${parked.until === null ? "" : `, until ${parked.until.slice(11, 19)}Z`}`;
}
