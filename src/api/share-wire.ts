/** What a team is due beside other teams where all of them want more than there is: agents, and turns at a provider. */
export interface ShareRequest {
  /** Parts, beside 1 of others. Default 1, from 0.1 to 100. */
  weight?: number;
  /** Teams of a higher one come first, though none is left with nothing. A whole number, default 0, from -10 to 10. */
  priority?: number;
}

export interface ShareView {
  weight: number;
  priority: number;
  /** How many agents it may have now; null while there are enough for all teams. */
  agents: number | null;
}
