import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { parseSettings } from "../../model/settings.ts";
import { providersIn } from "./provider-options.ts";

const read = (text: string) => providersIn(parseSettings(text, "godel.yaml"));

test("reads limits, accounts and fallbacks, with the defaults of what is not said", () => {
  const providers = read(`
providers:
  acme:
    requestsPerMinute: 60
    accounts: [ACME_2_KEY]
    models:
      big: { tier: large, fallback: [elsewhere/big], concurrency: 4 }
  other:
`);
  const acme = providers.get("acme");
  equal(acme?.requestsPerMinute, 60);
  equal(acme?.stallMs, 120_000);
  deepEqual(acme?.accounts, ["ACME_2_KEY"]);
  deepEqual(acme?.models.big?.fallback, ["elsewhere/big"]);
  equal(acme?.models.big?.concurrency, 4);
  equal(providers.get("other")?.requestsPerMinute, null);
  equal(read("").size, 0);
});

test("tells each fault with its line", () => {
  const faults: [string, RegExp][] = [
    [
      "providers:\n  acme:\n    requestPerMinute: 5",
      /godel\.yaml:3: .*requestPerMinute.*Did you mean "requestsPerMinute"/,
    ],
    ["providers:\n  acme:\n    stallMs: 0", /godel\.yaml:3: .*stallMs must be from 1/],
    ["providers:\n  acme:\n    requestsPerMinute: many", /godel\.yaml:3: .*requestsPerMinute/],
    ["providers:\n  acme:\n    accounts: [MY_ACCOUNT]", /godel\.yaml:3: .*must end in KEY/],
    [
      "providers:\n  acme:\n    models:\n      big:\n        fallback: [big]",
      /godel\.yaml:5: .*must be another PROVIDER\/ID/,
    ],
    ["providers:\n  acme: fast", /godel\.yaml:2: .*must be a mapping/],
  ];
  for (const [text, message] of faults) throws(() => read(text), { code: "SETTINGS_INVALID", message }, text);
});
