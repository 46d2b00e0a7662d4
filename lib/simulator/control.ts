import * as z from 'zod';
import { CommandError } from './apply-command.ts';
import { COMMANDS, type Command } from './commands.ts';
import type { Exchange } from './exchange.ts';
import type { Answer } from './faults.ts';

const PREFIX = '/_simulator/';

export function isControl(target: string): boolean {
  return target.startsWith(PREFIX);
}

/**
 * The control interface: never part of the exchange, unsigned, not in the journal.
 * GET journal[?path=], trace, truth, faults · POST faults, price, book, trade, order, cancel, balance, rules, account
 * · DELETE faults. A wrong body is a 400 with `{field, message}`.
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
      const first = error.issues[0];
      return problem(400, first?.path.join('.') || 'body', z.prettifyError(error));
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
    case 'faults':
      return json(200, exchange.snapshot().faults);
    default:
      return problem(404, 'path', `no GET ${PREFIX}${name}`);
  }
}

function commandFor(method: string, name: string, body: string): Command | null {
  if (method === 'DELETE') return name === 'faults' ? { do: 'faultsCleared', with: {} } : null;
  if (method !== 'POST') return null;
  const given: unknown = JSON.parse(body);
  switch (name) {
    case 'faults':
      return { do: 'fault', with: COMMANDS.fault.parse(given) };
    case 'price':
      return { do: 'price', with: COMMANDS.price.parse(given) };
    case 'trade':
      return { do: 'trade', with: COMMANDS.trade.parse(given) };
    case 'book':
      return { do: 'book', with: COMMANDS.book.parse(given) };
    case 'order':
      return { do: 'order', with: COMMANDS.order.parse(given) };
    case 'cancel':
      return { do: 'cancel', with: COMMANDS.cancel.parse(given) };
    case 'balance':
      return { do: 'balance', with: COMMANDS.balance.parse(given) };
    case 'rules':
      return { do: 'rules', with: COMMANDS.rules.parse(given) };
    case 'account':
      return { do: 'account', with: COMMANDS.account.parse(given) };
    default:
      return null;
  }
}

function problem(status: number, field: string, message: string): Answer {
  return json(status, { field, message });
}

function json(status: number, data: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(data) };
}
