import { appendFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RequestRecord } from "../gateway/index.ts";
import { messageOf } from "../lib/errors.ts";

export const requestsLog = "requests.log";

/**
 * A line for each request to a model in the folder of its attempt: `requests.log`. Written in order, in the background;
 * a line that cannot be written is left out, for what was spent is in the ledger too.
 */
export class RequestLines {
  private readonly dirOf: (attempt: string) => string;
  private readonly log: (line: string) => void;
  private last: Promise<void> = Promise.resolve();
  private failing = false;

  constructor(dirOf: (attempt: string) => string, log: (line: string) => void) {
    this.dirOf = dirOf;
    this.log = log;
  }

  add({ attempt, ...record }: RequestRecord): void {
    if (attempt === null) return;
    const path = join(this.dirOf(attempt), requestsLog);
    const line = `${JSON.stringify({ attempt, ...record })}\n`;
    this.last = this.last
      .then(() => appendFile(path, line))
      .then(
        () => {
          this.failing = false;
        },
        (error) => {
          if (!this.failing) this.log(`no lines of requests in ${dirname(path)}: ${messageOf(error)}`);
          this.failing = true;
        },
      );
  }

  /** Resolves when all lines are written. */
  written(): Promise<void> {
    return this.last;
  }
}
