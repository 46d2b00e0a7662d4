import { readFileSync } from 'node:fs';
import { TradingConfig } from '../domain/settings.ts';

/** Reads `config.json` beside the bundle; once per cold start. @param bundle `import.meta.url` of the bundle */
export const readConfig = (bundle: string): TradingConfig =>
  TradingConfig.parse(JSON.parse(readFileSync(new URL('./config.json', bundle), 'utf8')));
