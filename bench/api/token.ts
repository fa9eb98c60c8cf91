/** What the fleets of benches let in. */
export const token = "bench";
