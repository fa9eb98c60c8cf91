/** `value`, of which nothing can be changed any more: it may be kept where a copy would be, and whoever changes it is found. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
