/** What a provider may do wrong, over the three APIs: what the agent sees, what is charged, what is repeated. */
import { equal, match, ok } from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { type ApiForm, apiForms, say, sayHello } from "./answers.testing.ts";
import { ask, type Bench, grantUrl, json, openBench } from "./provider.testing.ts";

/** What the honest answer costs, and its request's maximum of 100 tokens of output. */
const [honestUsd, maxOutputUsd] = [(50 * 1 + 10 * 10) / 1e6, (100 * 10) / 1e6];
const [firstTokenMs, stallMs] = [60, 60];

type Charged = "nothing" | "once" | "once, and the input that was read in vain" | "a count" | "the worst case";

interface Case {
  fault: string;
  /** The first answer; a second one is honest. */
  answer(response: ServerResponse, form: ApiForm): void;
  /** `cut`: the answer breaks, so that the agent repeats its turn. */
  sees: "the honest answer" | "what was sent" | "cut" | number;
  charged: Charged;
  repeated: boolean;
}

const begin = (response: ServerResponse, form: ApiForm) => say(response, [...form.start, form.delta]);
const soon = () => Date.now() + 300;
const refused = (status: number, headers: Record<string, string> = {}) => ({
  fault: `${status} ${JSON.stringify(Object.keys(headers))}`,
  answer: (response: ServerResponse) => json(response, status, { error: { message: "later" } }, headers),
});
const repeated = { sees: "the honest answer", charged: "once", repeated: true } as const;
const brokenOff = { sees: "cut", charged: "the worst case", repeated: false } as const;
const whole = { sees: "what was sent", repeated: false } as const;

const cases: readonly Case[] = [
  { ...refused(429, { "retry-after": "0" }), ...repeated },
  { ...refused(429, { "retry-after-ms": "5" }), ...repeated },
  {
    ...refused(429, { "retry-after": new Date(Date.now() + 1_000).toUTCString(), "retry-after-ms": "5" }),
    ...repeated,
  },
  { ...refused(429, { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "5ms" }), ...repeated },
  { ...refused(429, { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "0.005s" }), ...repeated },
  {
    fault: "429 until a date of Anthropic's",
    answer: (response) => {
      const reset = new Date(soon()).toISOString();
      const prefix = "anthropic-ratelimit-requests";
      json(response, 429, {}, { [`${prefix}-remaining`]: "0", [`${prefix}-reset`]: reset });
    },
    ...repeated,
  },
  {
    fault: "429 until a time since the epoch",
    answer: (response) => json(response, 429, {}, { "x-ratelimit-reset": String(soon()) }),
    ...repeated,
  },
  { ...refused(500), ...repeated },
  { ...refused(502), ...repeated },
  { ...refused(503, { "retry-after": "0" }), ...repeated },
  { ...refused(529), ...repeated },
  { ...refused(400), sees: 400, charged: "nothing", repeated: false },
  { ...refused(404), sees: 404, charged: "nothing", repeated: false },
  {
    fault: "a refusal as the first event of a stream",
    answer: (response, form) => {
      response.writeHead(200, { "content-type": "text/event-stream", "retry-after-ms": "5" }).end(form.refusal);
    },
    ...repeated,
  },
  {
    fault: "no first token",
    answer: () => {},
    ...repeated,
    charged: "once, and the input that was read in vain",
  },
  {
    fault: "a reset before the answer",
    answer: (response) => response.destroy(),
    ...repeated,
    charged: "once, and the input that was read in vain",
  },
  { fault: "a stall in mid-stream", answer: begin, ...brokenOff },
  {
    fault: "a reset in mid-stream",
    answer: (response, form) => {
      begin(response, form);
      setImmediate(() => setImmediate(() => response.destroy()));
    },
    ...brokenOff,
  },
  {
    fault: "an output without end",
    answer: (response, form) => {
      const pour = () => {
        while (!response.destroyed && response.write(`data: ${JSON.stringify(form.delta)}\n\n`));
      };
      response.on("drain", pour);
      begin(response, form);
      pour();
    },
    ...brokenOff,
  },
  {
    fault: "malformed events",
    answer: (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).end('data: {"delta": oops\n\n:\n\ndata\n\n\n');
    },
    ...whole,
    charged: "a count",
  },
  {
    fault: "no usage",
    answer: (response, form) => {
      say(response, [...form.start, form.delta, ...form.end(undefined)]);
      response.end();
    },
    ...whole,
    charged: "a count",
  },
  ...[
    ["many", "none"],
    [-1, -1],
    [null, null],
  ].map(
    ([input, output]): Case => ({
      fault: `usage of ${input} and ${output}`,
      answer: (response, form) => {
        say(response, [...form.start, form.delta, ...form.end(form.usage(input, output))]);
        response.end();
      },
      ...whole,
      charged: "a count",
    }),
  ),
];

for (const form of apiForms) {
  for (const { fault, answer, sees, charged, repeated } of cases) {
    test(`${form.model}, ${fault}: the agent sees ${sees}, ${charged} is charged, ${repeated ? "" : "not "}repeated`, async (t) => {
      const bench = await benchFor(t, form);
      bench.provider.answer = (response) =>
        bench.provider.seen.length === 1 ? answer(response, form) : sayHello(response, form);
      const seen = await outcome(bench, form);
      equal(bench.provider.seen.length, repeated ? 2 : 1);
      if (typeof sees === "number") equal(seen.status, sees);
      else equal(seen.text === null, sees === "cut", JSON.stringify(seen));
      if (sees === "the honest answer") match(seen.text ?? "", /hello/);
      checkCharge(bench.gateway.spentOf("t"), charged);
      equal(bench.gateway.reservedOf("t"), 0);
      equal(bench.gateway.overrunOf("t"), 0);
    });
  }

  test(`${form.model}: a provider that bills a hundred times the maximum is charged as it says, counted as overrun and told of`, async (t) => {
    const bench = await benchFor(t, form);
    bench.provider.answer = (response) => {
      say(response, [...form.start, form.delta, ...form.end(form.usage(50, 10_000))]);
      response.end();
    };
    match((await outcome(bench, form)).text ?? "", /hello/);
    equal(bench.gateway.spentOf("t"), (50 + 10_000 * 10) / 1e6);
    ok(bench.gateway.overrunOf("t") > 0.09);
    match(bench.lines.join(), /billed .* USD more than the request allowed/);
  });

  test(`${form.model}: a provider that stays broken is asked no more than three times, and its own refusal is told`, async (t) => {
    const bench = await benchFor(t, form);
    bench.provider.answer = (response) => json(response, 500, { error: { message: "broken for good" } });
    const seen = await outcome(bench, form);
    equal(bench.provider.seen.length, 3);
    equal(seen.status, 500);
    match(seen.text ?? "", /broken for good/);
    equal(bench.gateway.spentOf("t"), 0);
  });
}

function benchFor(t: Parameters<typeof openBench>[0], { model }: ApiForm): Promise<Bench> {
  const provider = model.slice(0, model.indexOf("/"));
  const limits = { maxRepeats: 2, maxAnswerBytes: 65_536 };
  return openBench(t, { budgetUsd: 5, limits, providers: { [provider]: { firstTokenMs, stallMs } } });
}

/** `text`: null where the answer broke. */
async function outcome(bench: Bench, form: ApiForm): Promise<{ status: number; text: string | null }> {
  const response = await ask((await grantUrl(bench, form.model)) + form.path, { stream: true, [form.limit]: 100 });
  return { status: response.status, text: await response.text().catch(() => null) };
}

function checkCharge(spentUsd: number, charged: Charged): void {
  const told = `${spentUsd} USD spent`;
  if (charged === "nothing") equal(spentUsd, 0);
  else if (charged === "once") equal(spentUsd, honestUsd);
  else if (charged === "a count") ok(spentUsd > 0 && spentUsd < maxOutputUsd, told);
  else if (charged === "the worst case") ok(spentUsd > maxOutputUsd, told);
  else ok(spentUsd > honestUsd && spentUsd < maxOutputUsd, told);
}
