export type { CompletionRequest } from "./completion.ts";
export {
  Gateway,
  type GatewayOptions,
} from "./gateway.ts";
export type { GatewayLimits } from "./gateway-limits.ts";
export { openLedgerFile } from "./ledger-file.ts";
export { type ProviderOptions, providersIn } from "./limits/provider-options.ts";
export type { RequestRecord } from "./request-record.ts";
export { requestSpan } from "./request-span.ts";
export type { Spender } from "./scopes.ts";
