import type { Journal } from "../journal/index.ts";
import { sleep } from "../lib/clock.ts";
import { GodelError } from "../lib/errors.ts";
import type { Dice } from "./dice.ts";
import type { Process } from "./timeline.ts";
import type { Trouble } from "./trouble.ts";

/** A failure of the disk that was made on purpose. The engine must end, and must not lose anything by it. */
export class DiskFault extends Error {
  override readonly name = "DiskFault";
}

/** What befalls the next append: the process dies before or after it is written, or its outcome stays unknown. */
export type AppendFault = "dies-before" | "dies-after" | "unknown-written" | "unknown-lost";

/** The disk under one engine process: slow, at times full. A batch is written whole or not at all. */
export class JournalDisk {
  /** Strikes at the next append, then no more. */
  next: AppendFault | null = null;
  /** An append is under way: the engine knows more than anybody was told. */
  appending = false;
  readonly #parts: { process: Process; dice: Dice; trouble: Trouble; die(): void };

  constructor(parts: { process: Process; dice: Dice; trouble: Trouble; die(): void }) {
    this.#parts = parts;
  }

  /** `inner` on this disk. Reading is as it was; each write takes a while, and a crash may fall before or after it. */
  under(inner: Journal): Journal {
    const writes: Partial<Journal> = {
      append: (...batch) => this.#append(() => inner.append(...batch)),
      saveSnapshot: (...snapshot) => this.#write(() => inner.saveSnapshot(...snapshot)),
      keep: (...part) => this.#write(() => inner.keep(...part)),
      dropOthers: (...kept) => this.#write(() => inner.dropOthers(...kept)),
      truncate: (...range) => this.#write(() => inner.truncate(...range)),
    };
    return new Proxy(inner, {
      get(target, name: keyof Journal) {
        const method = writes[name] ?? target[name];
        return typeof method === "function" ? method.bind(target) : method;
      },
    });
  }

  async #append(write: () => Promise<bigint>): Promise<bigint> {
    const fault = this.next;
    this.next = null;
    this.appending = true;
    const seq = await this.#write(async () => {
      if (fault === "dies-before") await this.#die();
      if (fault === "unknown-lost") throw new DiskFault("write: EIO");
      const seq = await write();
      if (fault === "dies-after") await this.#die();
      if (fault === "unknown-written") throw new DiskFault("fsync: EIO");
      return seq;
    });
    this.appending = false;
    return seq;
  }

  async #write<T>(write: () => Promise<T>): Promise<T> {
    // Most often it is written before anything else can happen.
    if (this.#parts.dice.chance(0.2)) await this.#fsync();
    if (this.#parts.trouble.isOn("journal-full")) throw new GodelError("DISK_FULL", "no space left on device");
    const result = await write();
    await this.#fsync();
    return result;
  }

  async #fsync(): Promise<void> {
    const { process, dice, trouble } = this.#parts;
    await sleep(process, trouble.isOn("slow-fsync") ? dice.between(100, 4_000) : dice.between(0.05, 4));
  }

  /** Never resolves: the process is no more. */
  #die(): Promise<never> {
    this.#parts.die();
    return new Promise(() => {});
  }
}
