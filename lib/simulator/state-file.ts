import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { type Exchange, Input } from './exchange.ts';

/**
 * Keeps an exchange on disk. The file holds one snapshot line and after it one line per input; since the exchange is
 * deterministic, taking the inputs again gives the state again, and the cost of a request does not grow with history.
 * A line is handed to the operating system before the request is answered, so a killed process loses nothing that
 * was answered. On opening, the old inputs are folded into a new snapshot (written beside and renamed).
 */
export function openStateFile(exchange: Exchange, path: string): { close(): void } {
  if (existsSync(path)) restoreFrom(exchange, path);
  const beside = `${path}.new`;
  writeFileSync(beside, `${JSON.stringify(exchange.snapshot())}\n`);
  const file = openSync(beside, 'a');
  fsyncSync(file);
  renameSync(beside, path);
  exchange.record((input) => writeAll(file, `${JSON.stringify(input)}\n`));
  let closed = false;
  return {
    close() {
      if (closed) return;
      closed = true;
      exchange.record(null);
      closeSync(file);
    },
  };
}

function restoreFrom(exchange: Exchange, path: string): void {
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  // Whatever follows the last line break was cut off by a kill and never answered.
  lines.pop();
  const [snapshot, ...inputs] = lines;
  if (snapshot === undefined) throw new Error(`simulator: ${path} is not a state file`);
  exchange.restore(JSON.parse(snapshot));
  for (const line of inputs) exchange.replay(Input.parse(JSON.parse(line)));
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}
