/** Whether a plan meets all that its goal asks for: each demand in the goal's own words, with the tasks that meet it. */
import type { Demand, Plan } from "../../model/plan.ts";

/** Of the words of a demand, how many a quote must hold to speak of it. */
const enough = 0.5;
/** Shorter pieces are headings, greetings and figures of speech. */
const minWords = 3;

/** What is wrong with a plan's `demands`, one line each: for a planner that may mend it. */
export function coverageFaults(goal: string, plan: Plan): string[] {
  const demands = plan.demands ?? [];
  const said = wordsOf(goal).join(" ");
  const invented = demands.filter(({ quote }) => !said.includes(wordsOf(quote).join(" ")));
  return [
    ...invented.map(({ quote }) => `the demand "${quote}" is no quote: the goal does not say that`),
    ...demands.filter(({ tasks }) => tasks.length === 0).map(({ quote }) => `the demand "${quote}" has no task`),
    ...uncovered(goal, demands).map((piece) => `the goal asks "${piece}", which no demand quotes`),
  ];
}

/** Demands of the goal that no quote speaks of. */
export function uncovered(goal: string, demands: readonly Demand[]): string[] {
  const quotes = demands.map(({ quote }) => new Set(wordsOf(quote)));
  return demandsIn(goal).filter((piece) => {
    const words = wordsOf(piece);
    return !quotes.some((quote) => words.filter((word) => quote.has(word)).length >= words.length * enough);
  });
}

/** The goal by sentence, line and list item. */
export function demandsIn(goal: string): string[] {
  return goal
    .split(/\n+|(?<=[.!?;])\s+/)
    .map((piece) => piece.replace(/^[\s#>*+\-\d.)]+|[\s.;:]+$/g, ""))
    .filter((piece) => wordsOf(piece).length >= minWords);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
}
