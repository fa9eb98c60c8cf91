import { type Analysis, newFunc } from "./scopes.ts";
import { child, children, list, nameOf, type Source } from "./syntax.ts";
import { inner, inside, named, type Visit, Walk } from "./walk.ts";

/** Collects scopes, `var` declarations and uses in one walk; linear in the size of the file. */
export function analyse(source: Source): Analysis {
  const program = newFunc(null, source.program, null);
  const found: Analysis = { program, declarations: [], uses: [], exported: new Set(), dynamic: false };
  const walk = new Walk(found, visits);
  const scope = { parent: null, func: program, names: new Set<string>() };
  walk.block(source.program, { scope, loops: 0 });
  return found;
}

const visitFunction: Visit = (node, place, walk) => {
  const name = nameOf(child(node, "id"));
  const declared = node.type === "FunctionDeclaration" && name !== "";
  if (declared) {
    place.scope.names.add(name);
    place.scope.func.taken.add(name);
  }
  const around = declared ? place : named(name, place);
  const within = inside(newFunc(place.scope.func, node, declared ? name : null), around);
  if (node.type !== "ArrowFunctionExpression") within.scope.names.add("arguments");
  for (const param of list(node, "params")) {
    for (const bound of walk.bind(param, within)) {
      within.scope.names.add(bound);
      within.scope.func.taken.add(bound);
    }
  }
  const body = child(node, "body");
  if (body?.type === "BlockStatement") walk.block(body, within);
  else walk.visit(body, within);
};

const visitClass: Visit = (node, place, walk) => {
  const name = nameOf(child(node, "id"));
  if (node.type === "ClassDeclaration") place.scope.names.add(name);
  const within = named(name, place);
  walk.visit(child(node, "superClass"), within);
  for (const member of list(child(node, "body") ?? node, "body")) walk.visit(member, within);
};

/** A key is a name only where it is computed; a field's value runs later, like a function. */
const visitMember: Visit = (node, place, walk) => {
  if (node.computed === true) walk.visit(child(node, "key"), place);
  const value = child(node, "value");
  if (value === undefined) return;
  const field = node.type === "PropertyDefinition";
  walk.visit(value, field ? inside(newFunc(place.scope.func, value, null), place) : place);
};

const visitLoop: Visit = (node, place, walk) => {
  for (const each of children(node)) walk.visit(each, { ...inner(place), loops: place.loops + 1 });
};

const visitFor: Visit = (node, place, walk) => {
  const within = { ...inner(place), loops: place.loops + 1 };
  const init = child(node, "init");
  const where = { place: "for", from: node.start, to: node.end } as const;
  if (init?.type === "VariableDeclaration") walk.declare(init, within, where);
  else walk.visit(init, within);
  for (const field of ["test", "update", "body"]) walk.visit(child(node, field), within);
};

const visitForIn: Visit = (node, place, walk) => {
  const within = { ...inner(place), loops: place.loops + 1 };
  const left = child(node, "left");
  // What is walked over is evaluated with the new name in its dead zone, so only the body may use it.
  const where = { place: "forIn", from: child(node, "body")?.start ?? node.end, to: node.end } as const;
  if (left?.type === "VariableDeclaration") walk.declare(left, within, where);
  else walk.assign(left, within);
  for (const field of ["right", "body"]) walk.visit(child(node, field), within);
};

const visitCatch: Visit = (node, place, walk) => {
  const within = inner(place);
  for (const name of walk.bind(child(node, "param"), within)) within.scope.names.add(name);
  walk.visit(child(node, "body"), within);
};

const visitExport: Visit = (node, place, walk) => {
  const declaration = child(node, "declaration");
  const name = nameOf(child(declaration ?? node, "id"));
  if (name !== "") walk.found.exported.add(name);
  walk.visit(declaration, place);
  if (child(node, "source")) return;
  for (const specifier of list(node, "specifiers")) {
    walk.found.exported.add(nameOf(child(specifier, "local")));
    walk.use(child(specifier, "local"), place);
  }
};

const visits: Record<string, Visit> = {
  Identifier: (node, place, walk) => walk.use(node, place),
  FunctionDeclaration: visitFunction,
  FunctionExpression: visitFunction,
  ArrowFunctionExpression: visitFunction,
  ClassDeclaration: visitClass,
  ClassExpression: visitClass,
  MethodDefinition: visitMember,
  PropertyDefinition: visitMember,
  Property: visitMember,
  StaticBlock: (node, place, walk) => walk.block(node, inside(newFunc(place.scope.func, node, null), place)),
  BlockStatement: (node, place, walk) => walk.block(node, inner(place)),
  SwitchStatement: (node, place, walk) => {
    walk.visit(child(node, "discriminant"), place);
    const within = inner(place);
    for (const each of list(node, "cases")) walk.visit(each, within);
  },
  // Not directly in a block: an `if` without braces, a label, a case, an export.
  VariableDeclaration: (node, place, walk) => walk.declare(node, place, { place: "fixed", from: 0, to: 0 }),
  ForStatement: visitFor,
  ForInStatement: visitForIn,
  ForOfStatement: visitForIn,
  WhileStatement: visitLoop,
  DoWhileStatement: visitLoop,
  CatchClause: visitCatch,
  MemberExpression: (node, place, walk) => {
    walk.visit(child(node, "object"), place);
    if (node.computed === true) walk.visit(child(node, "property"), place);
  },
  AssignmentExpression: (node, place, walk) => {
    walk.assign(child(node, "left"), place);
    walk.visit(child(node, "right"), place);
  },
  UpdateExpression: (node, place, walk) => walk.assign(child(node, "argument"), place),
  CallExpression: (node, place, walk) => {
    if (nameOf(child(node, "callee")) === "eval") walk.found.dynamic = true;
    for (const each of children(node)) walk.visit(each, place);
  },
  WithStatement: (_node, _place, walk) => {
    walk.found.dynamic = true;
  },
  LabeledStatement: (node, place, walk) => walk.visit(child(node, "body"), place),
  BreakStatement: () => {},
  ContinueStatement: () => {},
  MetaProperty: () => {},
  ExportNamedDeclaration: visitExport,
  ExportDefaultDeclaration: visitExport,
  ExportAllDeclaration: () => {},
  ImportDeclaration: (node, place) => {
    for (const each of list(node, "specifiers")) place.scope.names.add(nameOf(child(each, "local")));
  },
};
