import { demoId, demoProvider, demoTarget } from "./demo/model.ts";
import { type DemoOptions, DemoServer } from "./demo/server.ts";
import { unknownModel } from "./model-name.ts";
import { readPrices } from "./prices.ts";
import type { ServedModel } from "./served-model.ts";

/** The demo model as one provider among others; its server starts with the first use. */
export class ServedDemo {
  private readonly options: DemoOptions;
  private server: Promise<DemoServer> | undefined;

  constructor(options: DemoOptions) {
    this.options = options;
  }

  /** @throws GodelError MODEL_UNKNOWN */
  async find(id: string): Promise<ServedModel> {
    if (id !== demoId) throw unknownModel(`${demoProvider}/${id}`, [`${demoProvider}/${demoId}`]);
    this.server ??= DemoServer.open(this.options);
    const { baseUrl } = await this.server;
    return {
      target: demoTarget,
      api: "openai-completions",
      prices: readPrices(demoTarget.description.cost),
      host: "127.0.0.1",
      usageInStream: true,
      upstream: async () => ({ baseUrl, headers: {}, secrets: [] }),
      forgetKey: () => {},
    };
  }

  async close(): Promise<void> {
    await (await this.server)?.close();
  }
}
