import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import typebox from "typebox";
import { Type } from "./type.ts";

const asJson = (schema: unknown) => JSON.parse(JSON.stringify(schema));

/** A schema with every builder in it, made by `type`. */
function schemaBy(type: typeof Type) {
  const text = type.String({ maxLength: 9, description: "text" });
  return type.Object(
    {
      list: type.Array(text, { maxItems: 3 }),
      yes: type.Boolean(),
      whole: type.Integer({ minimum: 0 }),
      kind: type.Literal("kind"),
      one: type.Literal(1),
      real: type.Number({ maximum: 2 }),
      perhaps: type.Optional(type.Optional(type.Boolean())),
      byName: type.Record(type.String(), type.Number()),
      either: type.Union([text, type.Null()]),
      any: type.Unknown(),
      own: type.Unsafe<"a">({ type: "string", enum: ["a"] }),
      emptied: type.Object({ none: type.Optional(type.Null()) }),
    },
    { additionalProperties: false },
  );
}

test("schemas are those that typebox makes", () => {
  deepEqual(asJson(schemaBy(Type)), asJson(schemaBy(typebox)));
});
