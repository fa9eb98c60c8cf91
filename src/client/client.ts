/** A client of the engine whose every call has the types of the table that the engine checks it by. */
import { type OperationName, placeOf } from "../api/operations/paths.ts";
import type { Answer, Body, Params, Query } from "../api/operations/table.ts";
import type { StreamFrame } from "../api/wire.ts";
import { codeOf } from "../lib/errors.ts";
import { type Follow, follow } from "./follow.ts";
import { ask, type Engine } from "./transport.ts";

export interface CallOptions {
  /** Silence after which the call fails, in ms. Default: none. */
  timeoutMs?: number;
  /**
   * Of a call that changes something: the engine does it once for a day, however often it comes with this key. A
   * connection that breaks is then no loss: the call is made a second time.
   */
  idempotencyKey?: string;
}

type Named<N extends OperationName> = keyof Params<N> extends never ? { params?: undefined } : { params: Params<N> };
type Filled<N extends OperationName> = Body<N> extends undefined ? { body?: undefined } : { body: Body<N> };

/** What an operation is called with: names in its path, its query, its body. */
export type Input<N extends OperationName> = Named<N> & Filled<N> & { query?: Query<N> } & CallOptions;
type Given<N extends OperationName> = object extends Input<N> ? [input?: Input<N>] : [input: Input<N>];

/** Operations that answer in pages. */
export type ListName = {
  [N in OperationName]: Answer<N> extends { items: unknown[]; nextCursor: string | null } ? N : never;
}[OperationName];
type Item<N extends ListName> = Answer<N>["items"][number];

export class GodelClient {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @throws GodelError with the engine's code, or ENGINE_UNREACHABLE */
  async call<N extends OperationName>(name: N, ...[input]: Given<N>): Promise<Answer<N>> {
    const { params, query, body, timeoutMs, idempotencyKey: key } = (input ?? {}) as Partial<Input<OperationName>>;
    const { method, path } = placeOf(name);
    const sent = {
      method,
      path: addressOf(path, params ?? {}, query ?? {}),
      body: method === "POST" ? (body ?? {}) : undefined,
      timeoutMs,
      ...(key !== undefined && { headers: { "idempotency-key": key } }),
    };
    try {
      return (await ask(this.#engine, sent)) as Answer<N>;
    } catch (error) {
      const isCut = codeOf(error) === "ENGINE_UNREACHABLE" && codeOf((error as Error).cause) === "ECONNRESET";
      if (!isCut || key === undefined) throw error;
      return (await ask(this.#engine, sent)) as Answer<N>;
    }
  }

  /** All items of a list, page by page. @throws GodelError as `call` does */
  async all<N extends ListName>(name: N, ...[input]: Given<N>): Promise<Item<N>[]> {
    const items: Item<N>[] = [];
    let cursor: string | undefined;
    do {
      const { query } = (input ?? {}) as { query?: object };
      const next = { ...input, query: { ...query, ...(cursor !== undefined && { cursor }) } };
      const page = await this.call(name, ...([next] as unknown as Given<N>));
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return items;
  }

  /** A team's status and events as they come, over cuts, none missed and none twice; ends with `signal`. */
  follow(wanted: Follow): AsyncGenerator<StreamFrame> {
    return follow(this.#engine, wanted);
  }
}

/** `a/b` and the like may stand in names: an address segment holds them whole. */
function addressOf(path: string, params: Record<string, string>, query: object): string {
  const filled = path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params[name] ?? ""));
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given as [string, string][]).toString();
  return search === "" ? filled : `${filled}?${search}`;
}
