import { planLimits } from "../../model/plan.ts";

/** Ids for tasks from any text, each given once: `[a-z0-9-]`, not too long to read. */
export class TaskIds {
  readonly #used = new Set<string>();

  next(text: string): string {
    const slug = text
      .toLowerCase()
      .normalize("NFKD")
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, planLimits.idChars - 8)
      .replace(/^-+|-+$/g, "");
    const stem = slug || "task";
    let id = stem;
    for (let i = 2; this.#used.has(id); i++) id = `${stem}-${i}`;
    this.#used.add(id);
    return id;
  }
}
