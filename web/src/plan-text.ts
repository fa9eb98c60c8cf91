/** A plan as a person writes it. YAML holds JSON; its reader is loaded when a plan is given. */
export async function planFrom(text: string): Promise<unknown> {
  const { parse } = await import("yaml");
  return parse(text);
}
