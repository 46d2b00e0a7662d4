import { readFileSync } from 'node:fs';
import type * as z from 'zod';

/**
 * Reads `config.json` beside the bundle; once per cold start.
 * @param schema the part of the configuration that the function was bundled with
 * @param bundle `import.meta.url` of the bundle
 */
export const readConfig = <Schema extends z.ZodType>(schema: Schema, bundle: string): z.output<Schema> =>
  schema.parse(JSON.parse(readFileSync(new URL('./config.json', bundle), 'utf8')));
