/** The model behind an agent, with the gateway in between. It holds no key. */
export interface ModelTarget {
  provider: string;
  id: string;
  /** Which wire format the runtime speaks to the gateway. */
  api: string;
  /** All that the runtime needs to know of the model (limits, prices, compatibility), as pi describes models. */
  description: Record<string, unknown>;
}
