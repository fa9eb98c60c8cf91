import { GodelError } from "../lib/errors.ts";
import type { AttemptBrief } from "../model/link.ts";
import type { AttemptId, Resumption } from "../model/records.ts";
import type { Refused, SavedSession } from "../runtimes/index.ts";
import type { Workspace } from "../workspace/index.ts";
import type { ReadSession, Worktrees } from "./ports.ts";

export interface TakeOverParts {
  workspaces: Pick<Worktrees, "adopt">;
  readSession: ReadSession;
  logDirOf(attempt: AttemptId): string;
  /** Resolves when nothing of an attempt runs on this node. */
  over(attempt: AttemptId): Promise<void>;
  /** The attempt that would go on is not wanted any more. */
  signal: AbortSignal;
}

export interface TakenOver {
  workspace: Workspace;
  session: SavedSession;
  /** The file of the session, in the folder of the attempt that goes on. */
  file: string;
  resumption: Resumption;
}

/**
 * Takes over the worktree and the session of the newest of the lost attempts that has both, or says why that cannot be.
 * The session is copied first: whoever has the worktree has the session.
 * @throws GodelError HOME_UNUSABLE
 */
export async function takeOver(brief: AttemptBrief, parts: TakeOverParts): Promise<TakenOver | Resumption | undefined> {
  let refusal: Resumption | undefined;
  for (const from of brief.resumes?.attempts ?? []) {
    const taken = await takeFrom(from, brief, parts);
    if (!("refused" in taken)) return { ...taken, resumption: { from, saved: taken.session.usage } };
    refusal ??= { from, refused: taken.refused };
  }
  return refusal;
}

async function takeFrom(
  from: AttemptId,
  { id, team, key, number }: AttemptBrief,
  { workspaces, readSession, logDirOf, over, signal }: TakeOverParts,
): Promise<Omit<TakenOver, "resumption"> | Refused> {
  await over(from);
  const session = await readSession(logDirOf(from));
  if ("refused" in session) return session;
  const copy = await session.copyTo(logDirOf(id));
  if ("refused" in copy) return copy;
  const workspace = signal.aborted
    ? { refused: "it was cancelled" }
    : await adopted(workspaces.adopt({ id, team, key, number }, from));
  if (!("refused" in workspace)) return { workspace, session, file: copy.file };
  // Beside a new worktree it would be a trap for who goes on after this one.
  await copy.undo();
  return workspace;
}

async function adopted(adoption: Promise<Workspace | null>): Promise<Workspace | Refused> {
  try {
    return (await adoption) ?? { refused: "its worktree is gone" };
  } catch (error) {
    // The worktree is its own still, and is let go with its work.
    if (!(error instanceof GodelError)) throw error;
    return { refused: `its worktree could not be taken over: ${error.message}` };
  }
}
