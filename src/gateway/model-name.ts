import { GodelError } from "../lib/errors.ts";
import { didYouMean } from "../lib/nearest.ts";
import { demoId, demoProvider } from "./demo/model.ts";

export interface ModelName {
  provider: string;
  id: string;
}

/** `PROVIDER/ID`, whose id may hold slashes itself, or `demo`. Undefined for a bare id. */
export function readModelName(model: string): ModelName | undefined {
  if (model === demoProvider) return { provider: demoProvider, id: demoId };
  const slash = model.indexOf("/");
  return slash <= 0 ? undefined : { provider: model.slice(0, slash), id: model.slice(slash + 1) };
}

/** MODEL_UNKNOWN with the nearest of `known`, which are in the form `PROVIDER/ID`; an id without its provider counts. */
export function unknownModel(model: string, known: readonly string[]): GodelError {
  const bare = known.find((name) => name.endsWith(`/${model}`));
  const hint = bare === undefined ? didYouMean(model, known) : ` Did you mean "${bare}"?`;
  return new GodelError("MODEL_UNKNOWN", `unknown model "${model}".${hint}`);
}
