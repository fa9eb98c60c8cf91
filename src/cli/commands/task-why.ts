import type { Why } from "../../api/wire.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { Client, path } from "../client.ts";
import { stateColour } from "../ui/format.ts";

export default async function taskWhy(this: Cli, flags: JsonFlag, name: string): Promise<void> {
  const why = await Client.of(this.home).get<Why>(path`/api/v1/tasks/${name}/why`);
  const { style } = this.out;
  print(this, flags, why, () => {
    const facts = why.facts.map((fact) => `  - ${fact}\n`).join("");
    return `${style.bold(why.task)}  ${stateColour(style, why.state)}\n${why.because}\n${facts}`;
  });
}
