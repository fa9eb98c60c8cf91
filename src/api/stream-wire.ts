/** What a stream tells of the work under way. */

/** A task that an agent is at work on. */
export interface AtWork {
  /** As the plan names it. */
  task: string;
  agent: string;
  /** Since it was given to the agent, in ms. */
  forMs: number;
  /** What the agent does; "" before it says so. */
  activity: string;
}
