const minute = 60_000;
const hour = 60 * minute;
/** What people count time in. */
const seconds = [1, 2, 5, 10, 15, 30];
const minutes = [1, 2, 5, 10, 15, 30];
const hours = [1, 2, 3, 6, 12, 24];
const steps = [
  ...seconds.map((each) => each * 1_000),
  ...minutes.map((each) => each * minute),
  ...hours.map((each) => each * hour),
];
const maxTicks = 6;

/** Round times from `from` to `to`, at most six, by which an axis is read; all in Unix ms. */
export function ticksOf(from: number, to: number): number[] {
  const days = Math.ceil((to - from) / maxTicks / (24 * hour)) * 24 * hour;
  const step = steps.find((each) => (to - from) / each <= maxTicks - 1) ?? days;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step).filter(
    (at) => at <= to,
  );
}
