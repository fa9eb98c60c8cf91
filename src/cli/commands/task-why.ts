import { type Cli, type JsonFlag, print } from "../cli.ts";
import { clientOf } from "../client.ts";
import { stateColour } from "../ui/format.ts";

export default async function taskWhy(this: Cli, flags: JsonFlag, name: string): Promise<void> {
  const why = await clientOf(this.home).call("whyTask", { params: { task: name } });
  const { style } = this.out;
  print(this, flags, why, () => {
    const facts = why.facts.map((fact) => `  - ${fact}\n`).join("");
    return `${style.bold(why.task)}  ${stateColour(style, why.state)}\n${why.because}\n${facts}`;
  });
}
