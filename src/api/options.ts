/** The section `api` of `godel.yaml`: who may reach the engine, and how often. */
import { GodelError } from "../lib/errors.ts";
import { inRange, resolveOptions } from "../lib/options.ts";
import { optionsOf, type Settings } from "../model/settings.ts";
import { type RateOptions, rateDefaults } from "./rate-limit.ts";

export interface ApiOptions extends RateOptions {
  /** Requests a second that each token may make on end. Default 500, over 0. */
  requestsPerSecond: number;
  /** Requests that it may make at once. Default 2000, from 1: a page that acts on 1,000 agents asks 1,000 times. */
  requestBurst: number;
  /** An address to listen at beside loopback, such as `0.0.0.0`. Default none. Anything but loopback asks for TLS, or `insecure`. */
  host: string;
  /** Port at that address, from 1. Default 7374. */
  port: number;
  /** Names and addresses, with commas between them, under which it may be asked for there; others are refused (DNS rebinding). Default `host` alone. */
  names: string;
  /** A PEM file with the certificate and its chain, for TLS there. */
  certFile: string;
  /** The PEM file of its key. */
  keyFile: string;
  /** `true`: without TLS all the same. Whoever sees the traffic then sees tokens. Default false. */
  insecure: boolean;
}

export const apiDefaults: ApiOptions = {
  ...rateDefaults,
  host: "",
  port: 7_374,
  names: "",
  certFile: "",
  keyFile: "",
  insecure: false,
};

/** @throws GodelError SETTINGS_INVALID, with the line */
export function apiOptions(settings: Settings): ApiOptions {
  return optionsOf(settings, "api", apiDefaults, resolveApi);
}

function resolveApi(given: Partial<ApiOptions>): ApiOptions {
  const options = resolveOptions(apiDefaults, given);
  inRange("requestsPerSecond", options.requestsPerSecond, 1e-3, Number.POSITIVE_INFINITY);
  inRange("requestBurst", options.requestBurst, 1, Number.POSITIVE_INFINITY);
  inRange("port", options.port, 1, 65_535);
  return options;
}

type Listening = Pick<ApiOptions, "host" | "certFile" | "keyFile" | "insecure">;

const loopback = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** @throws GodelError LISTEN_REFUSED where tokens would go over a network in the clear */
export function checkListening({ host, certFile, keyFile, insecure }: Listening): void {
  const hasTls = certFile !== "" && keyFile !== "";
  if (host === "" || loopback.test(host) || hasTls || insecure) return;
  throw new GodelError("LISTEN_REFUSED", `api.host is ${host}, which is not loopback, and there is no TLS for it.`);
}
