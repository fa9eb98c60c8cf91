import { GodelError } from "../lib/errors.ts";
import { didYouMean } from "../lib/nearest.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function shellName(given: string): Shell {
  const shell = shells.find((name) => name === given);
  if (shell) return shell;
  throw new GodelError(
    "OPTION_RANGE",
    `no completion for "${given}"; there is ${shells.join(", ")}.${didYouMean(given, shells)}`,
  );
}
