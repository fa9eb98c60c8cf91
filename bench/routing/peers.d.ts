// What is used here of peers that come without types.

declare module "hashring" {
  export default class HashRing {
    constructor(servers: readonly string[], algorithm: string, options: { "max cache size": number });
    get(key: string): string | undefined;
  }
}

declare module "toposort" {
  export function array(nodes: readonly string[], edges: readonly [string, string][]): string[];
}

declare module "opossum" {
  export default class CircuitBreaker<T> {
    constructor(action: () => Promise<T>, options: { timeout: number | false });
    fire(): Promise<T>;
    shutdown(): void;
  }
}
