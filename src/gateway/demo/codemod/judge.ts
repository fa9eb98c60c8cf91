import { type Analysis, childOf, type Func, type Use, type VarDeclaration, type VarName, varOwner } from "./scopes.ts";

export type Verdict = "const" | "let" | "var";

/** Names that `let` cannot take, or that mean something else at the top of a CommonJS file. */
const reserved = new Set(["let", "static", "yield", "await", "async", "undefined", "arguments"]);
const wrapper = new Set(["exports", "require", "module", "__filename", "__dirname"]);

/** What the rules ask of a file again and again, indexed once. */
export interface Facts {
  analysis: Analysis;
  /** Uses of each function's own `var` names. */
  owned: Map<Func, Map<string, Use[]>>;
  byName: Map<string, Use[]>;
  /** A plain script shares its top-level `var` names with other scripts: those stay. */
  script: boolean;
}

export function factsOf(analysis: Analysis, module: boolean): Facts {
  const owned: Facts["owned"] = new Map();
  const byName: Facts["byName"] = new Map();
  for (const use of analysis.uses) {
    push(byName, use.name, use);
    const owner = varOwner(use);
    if (owner === null) continue;
    if (!owned.has(owner)) owned.set(owner, new Map());
    push(owned.get(owner) as Map<string, Use[]>, use.name, use);
  }
  const commonjs = [...wrapper].some((name) => byName.has(name));
  return { analysis, owned, byName, script: !module && !commonjs };
}

/** `const` or `let` where nothing can tell the difference, `var` in any doubt. */
export function judge(declaration: VarDeclaration, facts: Facts): Verdict {
  const { scope, place } = declaration;
  if (place === "fixed" || facts.analysis.dynamic) return "var";
  if (scope.func === facts.analysis.program && facts.script) return "var";
  if (declaration.names.length === 0 || !declaration.names.every((name) => safe(name, declaration, facts)))
    return "var";
  return declaration.names.every((name) => constant(name, declaration, facts)) ? "const" : "let";
}

function constant(name: VarName, declaration: VarDeclaration, facts: Facts): boolean {
  if (!name.initialised && declaration.place !== "forIn") return false;
  return !usesOf(name, declaration, facts).some((use) => use.write);
}

function safe(name: VarName, declaration: VarDeclaration, facts: Facts): boolean {
  return (
    free(name.name, declaration, facts) &&
    !keepsValueBetweenRounds(name, declaration) &&
    usesOf(name, declaration, facts).every((use) => reachedAfter(use, name, declaration, facts))
  );
}

/** No other declaration of the same name is in the way. */
function free(name: string, { scope }: VarDeclaration, facts: Facts): boolean {
  if (reserved.has(name) || scope.func.taken.has(name) || scope.func.vars.get(name) !== 1) return false;
  if (scope.func === facts.analysis.program && wrapper.has(name)) return false;
  for (let each = scope; each.func === scope.func; each = each.parent) {
    if (each.names.has(name)) return false; // `catch (e) { var e }`
    if (each.parent === null) break;
  }
  return true;
}

/** `var x;` in a loop keeps what the last round left; `let x;` starts anew. */
function keepsValueBetweenRounds(name: VarName, { place, loops }: VarDeclaration): boolean {
  if (place === "forIn") return name.initialised; // `for (var i = 0 in {})`, a relic
  const around = place === "for" ? loops - 1 : loops;
  return !name.initialised && around > 0;
}

/** The use lies where `let` is seen, and cannot run before the declaration has. */
function reachedAfter(use: Use, name: VarName, declaration: VarDeclaration, facts: Facts): boolean {
  if (use.at < declaration.from || use.at >= declaration.to) return false;
  const { func } = declaration.scope;
  const closure = childOf(func, use.scope.func);
  if (closure === null) return use.at >= name.end;
  // Each round of a loop has a `let` of its own, so closures would see another variable.
  return declaration.loops === 0 && !mayRunBefore(closure, name.end, { func, facts, seen: new Set() });
}

interface Search {
  /** The function that holds both the declaration and the closure. */
  func: Func;
  facts: Facts;
  seen: Set<Func>;
}

/**
 * Whether `closure` can be called before the code at `limit` has run. An expression exists only from its own line on; a
 * function declaration from the start, so every mention of its name counts (by name alone, which errs to the safe side).
 */
function mayRunBefore(closure: Func, limit: number, search: Search): boolean {
  if (closure.hoisted === null) return closure.start < limit;
  if (search.facts.analysis.exported.has(closure.hoisted)) return true;
  if (search.seen.has(closure)) return false;
  search.seen.add(closure);
  return (search.facts.byName.get(closure.hoisted) ?? []).some((use) => {
    if (use.scope.func === search.func) return use.at < limit;
    const caller = childOf(search.func, use.scope.func);
    return caller !== null && caller !== closure && mayRunBefore(caller, limit, search);
  });
}

function usesOf(name: VarName, declaration: VarDeclaration, facts: Facts): Use[] {
  return facts.owned.get(declaration.scope.func)?.get(name.name) ?? [];
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
