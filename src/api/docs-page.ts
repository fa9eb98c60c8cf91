/** `/openapi.json`, and the same as a page for people at `/docs`: made here, without a script and without another host. */
import type { FastifyInstance } from "fastify";
import { openApi } from "./openapi.ts";
import { guards } from "./page-routes.ts";

type Document = ReturnType<typeof openApi>;
type Operation = Document["paths"][string][string];

export function addDocs(app: FastifyInstance): void {
  const description = openApi();
  const page = pageOf(description);
  app.get("/openapi.json", () => description);
  app.get("/docs", (_request, reply) => reply.headers(guards).type("text/html; charset=utf-8").send(page));
}

export function pageOf({ info, paths }: Document): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const tags = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? "");
  const nav = [...tags.keys()].map((tag) => `<a href="#${tag}">${tag}</a>`).join("\n");
  const sections = [...tags].map(([tag, all]) => `<h2 id="${tag}">${tag}</h2>\n${all.map(operationOf).join("\n")}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The API of godel</title>
<style>${style}</style>
<main>
<h1>The API of godel ${escaped(info.version)}</h1>
<p>Send <code>Authorization: Bearer TOKEN</code>. The machine-readable description is
<a href="/openapi.json">openapi.json</a>. Errors are problem details (RFC 9457) whose <code>code</code> does not change.</p>
<nav>${nav}</nav>
${sections.join("\n")}
</main>
</html>
`;
}

function operationOf({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const rows = parameters.map(
    (each) =>
      `<tr><td><code>${escaped(each.name)}</code><td>${each.in}<td>${escaped(each.description ?? "")}${schemaNote(each.schema)}`,
  );
  const table = rows.length === 0 ? "" : `<table><tr><th>parameter<th>in<th>\n${rows.join("\n")}</table>`;
  const answers = Object.entries(responses).map(([status, response]) => {
    const { description, content } = response as { description: string; content?: Record<string, { schema: unknown }> };
    const [type, body] = Object.entries(content ?? {})[0] ?? [];
    const shape = type === undefined || type === "application/problem+json" ? "" : schemaOf(type, body?.schema);
    return `<li><b>${status}</b> ${escaped(description)}${shape}`;
  });
  return `<details id="${operationId}">
<summary><b class="${method}">${method}</b> <code>${escaped(path)}</code> ${escaped(summary)}</summary>
<p>${escaped(description)}</p>
${table}
${requestBody ? schemaOf("Body", requestBody.content["application/json"].schema) : ""}
<ul>${answers.join("\n")}</ul>
</details>`;
}

function schemaNote(schema: unknown): string {
  const { enum: values, pattern } = schema as { enum?: string[]; pattern?: string };
  if (values) return ` <code>${escaped(values.join(" | "))}</code>`;
  return pattern === undefined ? "" : ` <code>${escaped(pattern)}</code>`;
}

function schemaOf(title: string, schema: unknown): string {
  return `<details><summary>${escaped(title)}</summary><pre>${escaped(JSON.stringify(schema, null, 2))}</pre></details>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
nav a { margin-right: 1rem; }
h2 { margin: 2rem 0 .5rem; text-transform: capitalize; }
details { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 6px; padding: .4rem .7rem; margin: .3rem 0; }
summary { cursor: pointer; }
.GET { color: light-dark(#0b6b3a, #5fd394); } .POST { color: light-dark(#8a4b00, #f2b35e); }
table { border-collapse: collapse; } td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; }
pre { overflow: auto; max-height: 30rem; }
`;
