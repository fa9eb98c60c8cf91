/** `body` without any of `secrets`. */
export function withoutSecrets(body: Buffer, secrets: readonly string[]): Buffer {
  if (!secrets.some((secret) => body.includes(secret))) return body;
  return Buffer.from(cleanText(body.toString("utf8"), secrets));
}

/** `text` without any of `secrets`. */
export function cleanText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
}

/** Signs that a writer of JSON puts as `\u002b` though it need not: Go; Gson; .NET; Python and others that write ASCII alone. */
const escapedSigns = [/[<>&]/g, /[<>&=']/g, /[<>&'+`\u0080-\uffff]/g, /[\u0080-\uffff]/g];

/** `secret` as those write it who put it into JSON or a URL. Most keys look the same in all of them. */
export function writtenForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const escaped = escapedSigns.flatMap((signs) => [
    json.replace(signs, unicodeEscape),
    json.replace(signs, (sign) => `\\u${unicodeEscape(sign).slice(2).toUpperCase()}`),
  ]);
  const all = [json, ...escaped].flatMap((form) => [form, form.replaceAll("/", "\\/")]);
  return [...new Set([secret, ...all, encodeURIComponent(secret)])];
}

function unicodeEscape(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
