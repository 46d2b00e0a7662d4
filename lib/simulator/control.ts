import * as z from 'zod';
import type { Answer } from './answer.ts';
import { CommandError } from './apply-command.ts';
import { COMMANDS, Command } from './commands.ts';
import type { Exchange } from './exchange.ts';

const PREFIX = '/_simulator/';
const CLEARING = new Set(['faultsCleared', 'streamFaultsCleared']);
const POSTED = new Set(Object.keys(COMMANDS).filter((name) => !CLEARING.has(name)));
const PLURALS = new Map([
  ['faults', 'fault'],
  ['streamFaults', 'streamFault'],
]);

export function isControl(target: string): boolean {
  return target.startsWith(PREFIX);
}

/**
 * The control interface: never part of the exchange, unsigned, not in the journal.
 * GET journal[?path=], trace, truth, usage, faults, stream, streamFaults · POST faults, streamFaults or any other name in
 * `COMMANDS` · DELETE faults, streamFaults.
 * A wrong body is a 400 with `{field, message}`.
 */
export function handleControl(exchange: Exchange, method: string, target: string, body: string): Answer {
  const url = new URL(target, 'http://control.invalid');
  const name = url.pathname.slice(PREFIX.length);
  if (method === 'GET') return read(exchange, name, url.searchParams.get('path') ?? undefined);
  try {
    const command = commandFor(method, name, body);
    if (command === null) return problem(404, 'path', `no ${method} ${url.pathname}`);
    return json(200, { ok: true, ...exchange.apply(command) });
  } catch (error) {
    if (error instanceof CommandError) return problem(400, error.field, error.message);
    if (error instanceof z.ZodError) {
      const path = error.issues[0]?.path.slice(1) ?? [];
      return problem(400, path.join('.') || 'body', z.prettifyError(error));
    }
    if (error instanceof SyntaxError) return problem(400, 'body', 'is not JSON');
    throw error;
  }
}

function read(exchange: Exchange, name: string, path: string | undefined): Answer {
  switch (name) {
    case 'journal':
      return json(200, exchange.journal({ path }));
    case 'trace':
      return {
        status: 200,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: exchange.trace(),
      };
    case 'truth':
      return json(200, exchange.truth());
    case 'usage':
      return json(200, exchange.usage());
    case 'faults':
      return json(200, exchange.snapshot().faults);
    case 'stream':
      return json(200, exchange.stream.usage());
    case 'streamFaults':
      return json(200, exchange.snapshot().stream.faults);
    default:
      return problem(404, 'path', `no GET ${PREFIX}${name}`);
  }
}

/** Commands go by their own names; only faults have a plural. */
function commandFor(method: string, name: string, body: string): Command | null {
  if (method === 'DELETE') {
    if (name === 'faults') return { do: 'faultsCleared', with: {} };
    return name === 'streamFaults' ? { do: 'streamFaultsCleared', with: {} } : null;
  }
  const command = PLURALS.get(name) ?? name;
  if (method !== 'POST' || !POSTED.has(command)) return null;
  return Command.parse({ do: command, with: JSON.parse(body) });
}

function problem(status: number, field: string, message: string): Answer {
  return json(status, { field, message });
}

function json(status: number, data: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(data) };
}
