import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { demoTarget } from "./demo/model.ts";
import { isRefusal } from "./refusal.ts";
import { checkedBody, limited } from "./request-body.ts";
import type { ServedModel } from "./served-model.ts";

const model = {
  target: { ...demoTarget, id: "m" },
  api: "openai-completions",
  host: "models.example",
  usageInStream: true,
} as unknown as ServedModel;

function checked(text: string) {
  const asked = checkedBody(Buffer.from(text), model);
  if (isRefusal(asked)) throw new Error(asked.message);
  return asked;
}

test("what the gateway adds is written behind what the agent said, whose bytes stay as they are", () => {
  const text = '{ "model" : "m", "stream": true, "messages": [{"role":"user","content":"} ä \\u00e4"}] }\n';
  const asked = checked(text);
  equal(asked.bytes.toString().startsWith(text.slice(0, -2)), true);
  deepEqual(JSON.parse(asked.bytes.toString()), { ...JSON.parse(text), stream_options: { include_usage: true } });
  const lowered = limited(asked, model, 70);
  equal(lowered.bytes.toString().startsWith(text.slice(0, -2)), true);
  deepEqual(JSON.parse(lowered.bytes.toString()), lowered.fields);
  equal(lowered.fields.max_tokens, 70);
});

test("what the gateway changes, or another parser might read otherwise, is written anew", () => {
  const texts = [
    '{"model":"m","max_tokens":null}',
    '{"model":"m","max_tokens":9000}',
    '{"model":"dear","model":"m"}',
    '{"model":"m","max\\u005ftokens":9000}',
    '{"model":"m","stream":true,"stream_options":{"include_usage":false}}',
  ];
  for (const text of texts) {
    const { bytes, fields } = limited(checked(text), model, 70);
    equal(bytes.toString(), JSON.stringify(fields));
    equal(fields.max_tokens, 70);
    equal(fields.model, "m");
  }
});
