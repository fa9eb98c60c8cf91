import { createRequire } from "node:module";
import type { FastifySchemaCompiler, FastifyServerOptions } from "fastify";

type Factories = NonNullable<NonNullable<FastifyServerOptions["schemaController"]>["compilersFactory"]>;
type Compile = FastifySchemaCompiler<unknown>;
type Check = ReturnType<Compile>;

/** A request is what it says it is: nothing is made to fit. Our schemas are checked by our tests, not by each engine that starts. */
const ajvOptions = {
  customOptions: { coerceTypes: false, removeAdditional: false, meta: false, validateSchema: false },
};

/**
 * Fastify's own check of requests, made when the first request comes that needs it. Made for every route beforehand, it
 * takes an engine that starts anew a tenth of a second, in which nobody is given work.
 */
export const lazyCompilers = {
  buildValidator(schemas: unknown): Compile {
    let compile: Compile | undefined;
    return (route) => {
      let check: Check | undefined;
      const checked: Check = (data: unknown) => {
        compile ??= compilerOf(schemas);
        check ??= compile(route);
        const fits = check(data);
        // Where Fastify looks for what did not fit.
        checked.errors = check.errors ?? null;
        return fits;
      };
      return checked;
    };
  },
  // No answer has a schema of Fastify's: what is sent is JSON already, or small.
  buildSerializer: () => () => JSON.stringify,
  // Fastify types the compiler as Ajv's own, which is given the schema alone; what it calls is given the route.
} as unknown as Factories;

function compilerOf(schemas: unknown): Compile {
  const factory = createRequire(import.meta.url)("@fastify/ajv-compiler");
  return factory()(schemas, ajvOptions);
}
