import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import type { HttpAnswer } from './handler.ts';

const Description = z.object({ page: z.string(), script: z.string(), policy: z.string() });

/** The console's files, as they lie beside the bundle. */
export interface ConsoleFiles {
  /** @param acceptEncoding header of the request: nearly every client takes gzip */
  page(acceptEncoding: string | undefined): HttpAnswer;
  /** @returns undefined when there is no such file */
  script(name: string, acceptEncoding: string | undefined): HttpAnswer | undefined;
}

/** Of a page that nobody else may frame, sniff or learn the address of. */
const GUARDS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
};
/** The script's name changes with its content. */
const FOR_GOOD = 'public, max-age=31536000, immutable';

/**
 * Reads them once per cold start. @param bundle `import.meta.url` of the bundle
 */
export const readConsoleFiles = (bundle: string): ConsoleFiles => {
  const at = (name: string): URL => new URL(`./console/${name}`, bundle);
  const { page, script, policy } = Description.parse(JSON.parse(readFileSync(at('console.json'), 'utf8')));
  const packed = { page: readFileSync(at(`${page}.gz`)), script: readFileSync(at(`${script}.gz`)) };
  const answer = (
    bytes: Uint8Array,
    contentType: string,
    acceptEncoding: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): HttpAnswer => {
    const isTaken = /\bgzip\b/.test(acceptEncoding ?? '');
    return {
      status: 200,
      body: isTaken ? bytes : gunzipSync(bytes),
      contentType,
      headers: {
        ...GUARDS,
        vary: 'accept-encoding',
        ...(isTaken && { 'content-encoding': 'gzip' }),
        ...headers,
      },
    };
  };
  return {
    page: (acceptEncoding) =>
      answer(packed.page, 'text/html; charset=utf-8', acceptEncoding, { 'content-security-policy': policy }),
    script: (name, acceptEncoding) =>
      name === script
        ? answer(packed.script, 'text/javascript; charset=utf-8', acceptEncoding, {
            'cache-control': FOR_GOOD,
          })
        : undefined,
  };
};
