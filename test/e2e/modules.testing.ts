/** A repository of small modules and the plan for it: some tasks that take their time, many short ones, two that fail. */

/** Enough for a task to outlast all that one does before it is cancelled, on a fast machine too: two requests for each file. */
const filesOfLongTask = 120;
const longTasks = 6;
/** Half as many join two of them each, and an eighth four of those. */
const shortTasks = 32;
/** Whose gates fail, whatever is done. */
export const brokenTasks = ["broken-0", "broken-1"];

export function modules(): Record<string, string> {
  const long = Array.from({ length: longTasks }, (_, part) => filesOf(part)).flat();
  const short = Array.from({ length: shortTasks }, (_, i) => [`s${i}.js`, `t${i}.js`]).flat();
  const broken = brokenTasks.map((id) => `${id}.js`);
  const names = ["quick.js", ...broken, ...long, ...short];
  return Object.fromEntries(names.map((name) => [name, "var a = 1;\nmodule.exports = a;\n"]));
}

function filesOf(part: number): string[] {
  return Array.from({ length: filesOfLongTask }, (_, i) => `m${part}-${i}.js`);
}

export function plan() {
  const replace = (id: string, files: string[], more = {}) => ({
    id,
    title: `Replace var in ${id}`,
    prompt: `Replace var in:\n${files.map((file) => `- ${file}`).join("\n")}`,
    ...more,
  });
  const short = Array.from({ length: shortTasks }, (_, i) => replace(`short-${i}`, [`s${i}.js`]));
  const join = Array.from({ length: shortTasks / 2 }, (_, i) =>
    replace(`join-${i}`, [`t${i}.js`], { needs: [`short-${2 * i}`, `short-${2 * i + 1}`] }),
  );
  const last = Array.from({ length: shortTasks / 8 }, (_, i) =>
    replace(`last-${i}`, [`t${shortTasks - 1 - i}.js`], { needs: [0, 1, 2, 3].map((one) => `join-${4 * i + one}`) }),
  );
  return {
    goal: "Replace var in every module",
    tasks: [
      ...Array.from({ length: longTasks }, (_, part) => replace(`part-${part}`, filesOf(part))),
      replace("quick", ["quick.js"]),
      ...brokenTasks.map((id) => replace(id, [`${id}.js`], { gates: ["false"] })),
      ...short,
      ...join,
      ...last,
    ],
  };
}
