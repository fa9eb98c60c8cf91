/** fail: godel will not work. warn: something will not. info: good to know, nothing is wrong. */
export type Verdict = "ok" | "warn" | "fail" | "info";

/** One line of `godel doctor`. */
export interface Check {
  name: string;
  verdict: Verdict;
  found: string;
  /** What to do about it; "" when nothing is. */
  advice: string;
}

export function check(name: string, verdict: Verdict, found: string, advice = ""): Check {
  return { name, verdict, found, advice: verdict === "ok" ? "" : advice };
}
