import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { GodelClient } from "../../client/client.ts";
import { GodelError } from "../../lib/errors.ts";
import { type Cli, type JsonFlag, print } from "../cli.ts";
import { ensureEngine } from "../start-engine.ts";
import { Steps } from "../ui/steps.ts";

export interface DashboardFlags extends JsonFlag {
  print?: boolean;
}

const builder = fileURLToPath(new URL("../../../scripts/web.ts", import.meta.url));

export default async function dashboard(this: Cli, flags: DashboardFlags): Promise<void> {
  const steps = new Steps(this.err, flags.json === true);
  await steps.run("Preparing the dashboard", build);
  const { engine } = await ensureEngine(this, steps);
  const { path } = await new GodelClient(engine).call("makeTicket");
  const url = new URL(path, engine.url).href;
  print(
    this,
    flags,
    { url, validSeconds: 60 },
    () => `${url}\nGood once, within a minute; the browser then stays let in.\n`,
  );
  if (this.out.live && !flags.print && !flags.json) await open(url);
}

/** Does nothing but look where the files are there and new. @throws GodelError DASHBOARD_NOT_BUILT */
async function build(): Promise<void> {
  const child = spawn(process.execPath, [builder], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new GodelError("DASHBOARD_NOT_BUILT", `it cannot be built: ${said.trim().slice(0, 500)}`);
}

/** In the user's browser, where there is one; else the address was printed. */
async function open(url: string): Promise<void> {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(opener, [url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
