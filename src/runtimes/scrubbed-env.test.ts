import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { scrubbedEnv } from "./scrubbed-env.ts";

test("keys, tokens, passwords and what is the host's own are taken out; the rest stays", () => {
  const kept = {
    PATH: "/bin",
    HOME: "/root",
    LANG: "C",
    KEYBOARD: "us",
    GODEL_HOST: "h1",
    SITE: "https://a.example/b@c",
  };
  const secret = {
    OPENAI_API_KEY: "x",
    API_KEY: "x",
    GITHUB_TOKEN: "x",
    npm_config__authToken: "x",
    AWS_SECRET_ACCESS_KEY: "x",
    AWS_ACCESS_KEY_ID: "x",
    DB_PASSWORD: "x",
    SSH_AUTH_SOCK: "x",
    DATABASE_URL: "postgres://me:secret@db/x",
    NODE_OPTIONS: "x",
    NODE_COMPILE_CACHE: "x",
    GODEL_HOME: "x",
    PI_MODEL: "x",
    GIT_DIR: "x",
  };
  deepEqual(scrubbedEnv({ ...kept, ...secret, EMPTY: undefined }), kept);
});
