/** Asks a person before what cannot be undone. */
export function confirmed(question: string): boolean {
  return window.confirm(question);
}
