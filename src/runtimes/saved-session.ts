import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GodelError, messageOf } from "../lib/errors.ts";
import type { Usage } from "../model/usage.ts";

/** Why an agent cannot go on in the session that another left, for people. */
export interface Refused {
  refused: string;
}

/** What a runtime makes of a session file. */
export interface Mended {
  id: string;
  /** The file as it must be for the session to go on. */
  text: string;
  /** What its answers have cost: a new start would pay for them again. */
  usage: Usage;
  /** The agent's last words when it had finished of its own accord; null while it had more to do. */
  finished: string | null;
}

/** The session of an agent that died, ready to go on. */
export interface SavedSession extends Omit<Mended, "text"> {
  /** Writes it into the folder of the attempt that goes on in it, or says why it cannot. */
  copyTo(dir: string): Promise<SessionCopy | Refused>;
}

export interface SessionCopy {
  file: string;
  /** Deletes it again. @throws GodelError HOME_UNUSABLE */
  undo(): Promise<void>;
}

/** Reads the newest session in an attempt's folder. Never rejects. */
export type ReadSession = (dir: string) => Promise<SavedSession | Refused>;

export function sessionReader(mend: (file: string) => Mended | Refused): ReadSession {
  return async (dir) => {
    try {
      const name = (await readdir(dir))
        .filter((entry) => entry.endsWith(".jsonl"))
        .toSorted()
        .at(-1);
      if (name === undefined) return { refused: "its session file is gone" };
      const mended = mend(await readFile(join(dir, name), "utf8"));
      if ("refused" in mended) return mended;
      const { text, ...session } = mended;
      return { ...session, copyTo: (to) => write(to, name, text) };
    } catch (error) {
      return { refused: `its session file cannot be read: ${messageOf(error)}` };
    }
  };
}

async function write(dir: string, name: string, text: string): Promise<SessionCopy | Refused> {
  try {
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, name), text);
    return { file: join(dir, name), undo: () => remove(join(dir, name)) };
  } catch (error) {
    return { refused: `its session file cannot be written: ${messageOf(error)}` };
  }
}

async function remove(file: string): Promise<void> {
  try {
    await rm(file, { force: true });
  } catch (error) {
    throw new GodelError("HOME_UNUSABLE", messageOf(error), { cause: error });
  }
}
