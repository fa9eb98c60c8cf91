import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { readAdvice } from "./advice.ts";

const wall = Date.UTC(2026, 0, 2, 3, 4, 5);

test("reads how long to wait from each header that says so, the most exact first", () => {
  const waits: [Record<string, string>, number | null][] = [
    [{ "retry-after": "7" }, 7_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "Fri, 02 Jan 2026 03:05:05 GMT" }, 60_000],
    [{ "retry-after-ms": "120", "retry-after": "1" }, 120],
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s" }, 360_000],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1h2m3.5s" }, 3_723_500],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms" }, 120],
    [
      { "anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-01-02T03:04:35Z" },
      30_000,
    ],
    [{ "x-ratelimit-reset": String(wall + 5_000) }, 5_000],
    [{ "x-ratelimit-reset": String(wall / 1_000 + 5) }, 5_000],
    // What is left is not waited for, and what is past or no time says nothing.
    [{ "x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "6m0s" }, null],
    [{ "retry-after": "Fri, 02 Jan 2026 03:04:04 GMT" }, null],
    [{ "retry-after": "soon" }, null],
    [{ "retry-after": "-5" }, null],
    [{}, null],
  ];
  for (const [headers, ms] of waits) equal(readAdvice(headers, wall).retryAfterMs, ms, JSON.stringify(headers));
});

test("reads the limits of OpenAI and of Anthropic, and takes no word for a number", () => {
  const openAi = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1s",
  };
  deepEqual([...readAdvice(openAi, wall).quotas], [["requests", { limit: 60, remaining: 59, resetMs: 1_000 }]]);
  const anthropic = {
    "anthropic-ratelimit-output-tokens-limit": "8000",
    "anthropic-ratelimit-output-tokens-remaining": "many",
  };
  deepEqual(
    [...readAdvice(anthropic, wall).quotas],
    [["outputTokens", { limit: 8_000, remaining: null, resetMs: null }]],
  );
});
