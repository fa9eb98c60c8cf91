/** What the codemod knows of a file: its functions, block scopes, `var` declarations and uses of names. */

/** A function, the program, or a piece of a class that runs on its own. Ranges are offsets in the source. */
export interface Func {
  parent: Func | null;
  start: number;
  end: number;
  /** The name of a function declaration, callable before its line; null for all else. */
  hoisted: string | null;
  /** Names that `let` may not take here: parameters and function declarations at any depth. */
  taken: Set<string>;
  /** How often each name is declared by `var`. */
  vars: Map<string, number>;
}

export interface Scope {
  parent: Scope | null;
  func: Func;
  /** Names that live in this scope: lexical ones, parameters, functions, the error of a catch. */
  names: Set<string>;
}

export interface Use {
  name: string;
  at: number;
  scope: Scope;
  /** Assigned, counted up or down, or the target of a for-in. */
  write: boolean;
}

/** One name of a `var` statement. */
export interface VarName {
  name: string;
  /** Where the declarator ends; before it the name would be in its dead zone. */
  end: number;
  initialised: boolean;
}

export interface VarDeclaration {
  start: number;
  scope: Scope;
  /** Where a `let` in its place could be seen. */
  from: number;
  to: number;
  /** `fixed` stands where `let` is no statement or has another meaning: `if (a) var b`, a case, an export. */
  place: "statement" | "for" | "forIn" | "fixed";
  /** Loops of the same function around it, the one it heads included. */
  loops: number;
  names: VarName[];
}

export interface Analysis {
  program: Func;
  declarations: VarDeclaration[];
  uses: Use[];
  /** Functions that other modules can call before this one runs, by name. */
  exported: Set<string>;
  /** `with` or a direct `eval`: names cannot be told from the text. */
  dynamic: boolean;
}

export function newFunc(parent: Func | null, node: { start: number; end: number }, hoisted: string | null): Func {
  return { parent, start: node.start, end: node.end, hoisted, taken: new Set(), vars: new Map() };
}

/** The function directly inside `outer` that holds `inner`, or null when `inner` is `outer` or elsewhere. */
export function childOf(outer: Func, inner: Func): Func | null {
  for (let func: Func = inner; func.parent !== null; func = func.parent) {
    if (func.parent === outer) return func;
  }
  return null;
}

/** The function whose `var` the use means; null when a nearer scope has the name, or none. */
export function varOwner(use: Use): Func | null {
  for (let scope: Scope | null = use.scope; scope !== null; scope = scope.parent) {
    if (scope.names.has(use.name)) return null;
    const last = scope.parent === null || scope.parent.func !== scope.func;
    if (last && scope.func.vars.has(use.name)) return scope.func;
  }
  return null;
}
