import type { Analysis, Func, Scope, VarDeclaration } from "./scopes.ts";
import { child, children, list, nameOf, type Syntax } from "./syntax.ts";

/** Where the walk is: the scope, and how many loops of the current function are around. */
export interface Place {
  scope: Scope;
  loops: number;
}

export type Visit = (node: Syntax, place: Place, walk: Walk) => void;

/** One pass over a file. `visits` says what to do at each kind of node; at others it just goes on below. */
export class Walk {
  readonly found: Analysis;
  private readonly visits: Record<string, Visit>;

  constructor(found: Analysis, visits: Record<string, Visit>) {
    this.found = found;
    this.visits = visits;
  }

  visit(node: Syntax | undefined, place: Place): void {
    if (node === undefined) return;
    const visit = this.visits[node.type];
    if (visit) visit(node, place, this);
    else for (const each of children(node)) this.visit(each, place);
  }

  /** A statement directly inside `block`, the one position where `var` may become `let`. */
  statement(node: Syntax, place: Place, block: Syntax): void {
    if (node.type !== "VariableDeclaration") return this.visit(node, place);
    this.declare(node, place, { place: "statement", from: block.start, to: block.end });
  }

  block(node: Syntax, place: Place): void {
    for (const each of list(node, "body")) this.statement(each, place, node);
  }

  declare(node: Syntax, place: Place, where: Pick<VarDeclaration, "place" | "from" | "to">): void {
    const { scope, loops } = place;
    const declaration: VarDeclaration = { ...where, start: node.start, scope, loops, names: [] };
    for (const declarator of list(node, "declarations")) {
      const names = this.bind(child(declarator, "id"), place);
      this.visit(child(declarator, "init"), place);
      const initialised = child(declarator, "init") !== undefined;
      for (const name of names) declaration.names.push({ name, end: declarator.end, initialised });
    }
    if (node.kind === "var") this.hoist(declaration, scope.func);
    else for (const { name } of declaration.names) scope.names.add(name);
  }

  use(node: Syntax | undefined, place: Place, write = false): void {
    if (node) this.found.uses.push({ name: nameOf(node), at: node.start, scope: place.scope, write });
  }

  /** The names that a pattern declares. Defaults and computed keys inside it are uses. */
  bind(pattern: Syntax | undefined, place: Place): string[] {
    const names: string[] = [];
    this.pattern(pattern, place, (identifier) => names.push(nameOf(identifier)));
    return names;
  }

  /** The names that a pattern assigns to. */
  assign(pattern: Syntax | undefined, place: Place): void {
    this.pattern(pattern, place, (identifier) => this.use(identifier, place, true));
  }

  private hoist(declaration: VarDeclaration, func: Func): void {
    for (const { name } of declaration.names) func.vars.set(name, (func.vars.get(name) ?? 0) + 1);
    this.found.declarations.push(declaration);
  }

  private pattern(node: Syntax | undefined, place: Place, onName: (identifier: Syntax) => void): void {
    switch (node?.type) {
      case "Identifier":
        return onName(node);
      case "ObjectPattern":
        for (const each of list(node, "properties")) this.pattern(each, place, onName);
        return;
      case "Property":
        if (node.computed === true) this.visit(child(node, "key"), place);
        return this.pattern(child(node, "value"), place, onName);
      case "ArrayPattern":
        for (const each of list(node, "elements")) this.pattern(each, place, onName);
        return;
      case "RestElement":
        return this.pattern(child(node, "argument"), place, onName);
      case "AssignmentPattern":
        this.pattern(child(node, "left"), place, onName);
        return this.visit(child(node, "right"), place);
      default:
        return this.visit(node, place);
    }
  }
}

/** In a block scope of its own. */
export function inner(place: Place): Place {
  return { ...place, scope: { parent: place.scope, func: place.scope.func, names: new Set() } };
}

/** The scope that holds the name of a function or class expression, which only itself can see. */
export function named(name: string, place: Place): Place {
  const within = inner(place);
  if (name !== "") within.scope.names.add(name);
  return within;
}

/** Inside a function of its own: names declared by `var` stay there, loops outside no longer count. */
export function inside(func: Func, place: Place): Place {
  return { scope: { parent: place.scope, func, names: new Set() }, loops: 0 };
}
