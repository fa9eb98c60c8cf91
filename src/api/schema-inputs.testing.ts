/** Values by the schema that checks them: those that fit, and those that nearly do. */
import fc from "../lib/properties.testing.ts";

/** As much of JSON Schema as the table of operations uses. */
interface Schema {
  type?: string;
  enum?: readonly unknown[];
  anyOf?: readonly Schema[];
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  minItems?: number;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
}

/** Of `schema`, each part of it with something else instead in `odd` of 100 cases. `words`: texts that mean something. */
export function inputsOf(schema: object, odd: number, words: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 100 - odd, arbitrary: fitting(schema, odd, words) },
    { weight: odd, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  );
}

function fitting(schema: Schema, odd: number, words: readonly string[]): fc.Arbitrary<unknown> {
  const inner = (part: Schema) => inputsOf(part, odd, words);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(inner));
  switch (schema.type) {
    case "object":
      return objects(schema, odd, inner);
    case "array":
      return fc.array(inner(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 4 });
    case "string":
      return strings(schema, words);
    case "integer":
    case "number":
      return numbers(schema);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objects(
  { properties = {}, required = [] }: Schema,
  odd: number,
  inner: (part: Schema) => fc.Arbitrary<unknown>,
) {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part)]));
  const known = fc.record(fields, { requiredKeys: [...required] });
  const withAnother = fc.tuple(known, fc.string({ maxLength: 20 })).map(([value, name]) => ({ ...value, [name]: 1 }));
  return fc.oneof({ weight: 100 - odd, arbitrary: known }, { weight: odd, arbitrary: withAnother });
}

function strings({ pattern, minLength = 0, maxLength = 400 }: Schema, words: readonly string[]) {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { maxLength: 60 });
  return fc.oneof(fc.constantFrom(...words), fc.string({ minLength, maxLength: Math.min(maxLength, 400) }));
}

function numbers({ type, minimum = -1e9, exclusiveMinimum = minimum, maximum = 1e9 }: Schema) {
  const [low, high] = [Math.ceil(exclusiveMinimum), Math.floor(maximum)];
  const whole = fc.oneof(fc.integer({ min: low, max: Math.min(high, low + 12) }), fc.constantFrom(low, high));
  return type === "integer" ? whole : fc.oneof(whole, fc.double({ min: low, max: high, noNaN: true }));
}
