/**
 * `node:http`, without what an import of it costs: an import reads every export at once, and reading those that are of no
 * use here loads Node's fetch and WebSocket, 45 ms of each command, and of each engine and node that starts.
 */
export const http = process.getBuiltinModule("node:http");
