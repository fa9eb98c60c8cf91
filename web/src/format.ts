/** Figures and times for people. */

export function usd(amount: number | null): string {
  if (amount === null) return "—";
  const digits = amount !== 0 && Math.abs(amount) < 1 ? 4 : 2;
  return `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

export function count(amount: number): string {
  return amount.toLocaleString("en-US");
}

/** Large counts short: 12.3k. */
export function short(amount: number): string {
  return amount.toLocaleString("en-US", { notation: "compact", maximumFractionDigits: 1 });
}

/** In units of 1,024, as machines are sold: 7.8 GB. */
export function bytes(amount: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, amount)) / 10));
  const value = amount / 1_024 ** power;
  return `${value.toLocaleString("en-US", { maximumFractionDigits: value < 10 && power > 0 ? 1 : 0 })} ${units[power]}`;
}

export function duration(ms: number | null): string {
  if (ms === null) return "—";
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 5_400) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long ago, roughly. */
export function ago(iso: string): string {
  const minutes = Math.round((Date.now() - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 90) return `${minutes} min ago`;
  if (minutes < 2_880) return `${Math.round(minutes / 60)} h ago`;
  return `${Math.round(minutes / 1_440)} days ago`;
}

export function clock(iso: string | null): string {
  return iso === null ? "—" : new Date(iso).toLocaleTimeString("en-GB");
}

/** `TEAM_ID/KEY` as the plan calls it. */
export function keyOf(task: string): string {
  return task.replace(/^[^/]*\//, "");
}

/** `TEAM_ID-aN` as `aN`. */
export function shortAgent(agent: string): string {
  return agent.replace(/^.*-(a\d+)$/, "$1");
}
