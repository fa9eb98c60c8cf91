import type { Audit } from "./audit.ts";
import { cut } from "./paging.ts";
import type { Serve } from "./serve.ts";
import type { Tokens } from "./tokens.ts";

/** Who may ask, and who did. */
export function addAccessRoutes(serve: Serve, { tokens, audit }: { tokens: Tokens; audit: Audit }): void {
  serve("listTokens", ({ query }) => {
    const { page, nextCursor } = cut(tokens.list(), query, ({ id }) => id);
    return { items: page, nextCursor };
  });
  serve("createToken", ({ body }) => tokens.create(body));
  serve("revokeToken", ({ params }) => tokens.revoke(params.token));
  serve("listAudit", async ({ query }) => ({ items: await audit.newest(Number(query.lines ?? 100)) }));
}
