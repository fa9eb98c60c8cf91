/** Who may ask the engine, and who did. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import { roles } from "../../api/roles.ts";
import type { Cli, JsonFlag } from "../cli.ts";
import type { AuditFlags } from "../commands/audit.ts";
import type { TokenFlags } from "../commands/token-create.ts";
import { days, text, whole } from "../parse.ts";
import { json, optional } from "./shared.ts";

const create = buildCommand<TokenFlags, [], Cli>({
  loader: async () => (await import("../commands/token-create.ts")).default,
  docs: {
    brief: "Give out a token for another program or person; it is shown this once",
    fullDescription:
      "A viewer reads; an operator also steers teams, tasks and agents; an admin also the engine, its backups and its tokens.",
    customUsage: ["--role viewer --name grafana --expires 30d"],
  },
  parameters: {
    flags: {
      role: { kind: "enum", values: roles, brief: "What it may do" },
      name: optional("TEXT", "What it is for", text("--name")),
      expires: optional("TIME", "When it is good no more, such as 12h, 30d or 2w  [default = never]", days),
      json,
    },
  },
});

const list = buildCommand<JsonFlag, [], Cli>({
  loader: async () => (await import("../commands/token-list.ts")).default,
  docs: { brief: "Show the tokens that were given out; never the secrets" },
  parameters: { flags: { json } },
});

const revoke = buildCommand<JsonFlag, [string], Cli>({
  loader: async () => (await import("../commands/token-revoke.ts")).default,
  docs: { brief: "End a token at once, and the browsers that came in with it" },
  parameters: {
    positional: { kind: "tuple", parameters: [{ placeholder: "id", brief: "Id of the token", parse: text("ID") }] },
    flags: { json },
  },
});

export const token = buildRouteMap({
  routes: { create, list, revoke },
  docs: { brief: "Tokens for other programs and people" },
});

export const audit = buildCommand<AuditFlags, [], Cli>({
  loader: async () => (await import("../commands/audit.ts")).default,
  docs: { brief: "Show who changed what, the newest first" },
  parameters: {
    flags: { lines: optional("N", "How many  [default = 20]", whole("--lines", 1, 9_999)), json },
  },
});
