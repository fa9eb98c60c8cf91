import { type Node, type Options, parse } from "acorn";

/** A syntax node with its fields open, since the walk treats most kinds alike. */
export interface Syntax {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

export interface Source {
  program: Syntax;
  module: boolean;
}

const options = { ecmaVersion: "latest", allowHashBang: true } satisfies Partial<Options>;

/** `code` as CommonJS, or as a module where it is one; undefined where it is neither. */
export function parseSource(code: string): Source | undefined {
  return tryParse(code, "commonjs") ?? tryParse(code, "module");
}

function tryParse(code: string, sourceType: "commonjs" | "module"): Source | undefined {
  try {
    const program: Node = parse(code, { ...options, sourceType });
    return { program: program as unknown as Syntax, module: sourceType === "module" };
  } catch (error) {
    // Acorn's only way to say "not this grammar".
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The nodes directly below `node`, in source order of their fields. */
export function children(node: Syntax): Syntax[] {
  const found: Syntax[] = [];
  for (const field of Object.values(node)) {
    if (isSyntax(field)) found.push(field);
    else if (Array.isArray(field)) found.push(...field.filter(isSyntax));
  }
  return found;
}

export function isSyntax(value: unknown): value is Syntax {
  return typeof value === "object" && value !== null && typeof (value as Syntax).type === "string";
}

/** The node in `field`, or undefined where the grammar leaves it out. */
export function child(node: Syntax, field: string): Syntax | undefined {
  const value = node[field];
  return isSyntax(value) ? value : undefined;
}

/** The nodes in the list `field`, without the holes of array patterns. */
export function list(node: Syntax, field: string): Syntax[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isSyntax) : [];
}

export function nameOf(node: Syntax | undefined): string {
  return typeof node?.name === "string" ? node.name : "";
}
