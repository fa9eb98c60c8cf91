/** `body` without any of `secrets`. */
export function withoutSecrets(body: Buffer, secrets: readonly string[]): Buffer {
  if (!secrets.some((secret) => body.includes(secret))) return body;
  return Buffer.from(cleanText(body.toString("utf8"), secrets));
}

/** `text` without any of `secrets`. */
export function cleanText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
}
