export {
  type CompletionRequest,
  Gateway,
  type GatewayLimits,
  type GatewayOptions,
  type GrantRequest,
} from "./gateway.ts";
export { openLedgerFile } from "./ledger-file.ts";
