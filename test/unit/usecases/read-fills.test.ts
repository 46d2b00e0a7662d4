import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadQueryError } from '../../../lib/usecases/query.ts';
import { type FillReader, listFills } from '../../../lib/usecases/read-fills.ts';
import { aLane, NOON } from '../../support/contract-domain.ts';
import { ALL, LANES, MINUTE, namesOf, pagesOf } from '../../support/fill-listing.ts';

const SOON = { deadline: Number.MAX_SAFE_INTEGER };
const iso = (ms: number): string => new Date(ms).toISOString();

const inLane = ({ strategy, symbol }: (typeof LANES)[number]) =>
  ALL.filter((fill) => fill.strategy === strategy && fill.symbol === symbol);

/** A store that counts the fills it gave away. */
const countingReader = () => {
  let read = 0;
  const reader: FillReader = {
    lanes: async () => LANES.map((lane) => aLane({ ...lane, fillCount: inLane(lane).length })).reverse(),
    fillsAfter: async (lane, { after, limit }) => {
      const fills = inLane(lane).slice(after, after + limit);
      read += fills.length;
      return fills;
    },
  };
  return { reader, read: () => read };
};

test('a listing of fills has every fill of a time once, those that were applied late too', async () => {
  const { reader } = countingReader();
  for (let from = -65; from < 240; from += 5)
    for (const length of [0, 1, 30, 65, 400])
      for (const limit of ['1', '4', '1000']) {
        const [first, end] = [NOON + from * MINUTE, NOON + (from + length) * MINUTE];
        const query = { from: iso(first), to: iso(end), limit };
        const pages = await pagesOf((cursor) => listFills({ ...query, cursor }, reader, SOON));
        const expected = ALL.filter(({ time }) => time >= first && time < end);
        assert.deepEqual(pages.flat(), namesOf(expected), JSON.stringify(query));
      }
});

test('a listing of fills is narrowed to a strategy and a symbol', async () => {
  const { reader } = countingReader();
  for (const query of [
    { strategy: 'a' },
    { symbol: 'SOLUSDT' },
    { strategy: 'b', symbol: 'XRPUSDT' },
    {},
  ] satisfies readonly { strategy?: string; symbol?: string }[]) {
    const { strategy, symbol }: { strategy?: string; symbol?: string } = query;
    const expected = ALL.filter(
      (fill) => (strategy ?? fill.strategy) === fill.strategy && (symbol ?? fill.symbol) === fill.symbol,
    );
    assert.deepEqual(namesOf((await listFills(query, reader, SOON)).fills), namesOf(expected));
  }
});

test('a listing of fills reads few of those that came before', async () => {
  const { reader, read } = countingReader();

  const from = iso(NOON + 200 * MINUTE);
  const { fills } = await listFills({ strategy: 'a', symbol: 'SOLUSDT', from }, reader, SOON);

  // Five to find the place among 23.
  assert.equal(fills.length, 3);
  assert.ok(read() <= 5 + 3 + 1, String(read()));
});

test('a listing of fills names the parameter that is wrong', async () => {
  const cursor = Buffer.from('{"strategy":"a","symbol":"b","after":"-1"}').toString('base64url');
  for (const [query, path] of [
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-02-01', to: '2026-01-01' }, 'from'],
    [{ limit: '0' }, 'limit'],
    [{ cursor }, 'cursor'],
    [{ cursor: 'x' }, 'cursor'],
    [{ order: 'x' }, 'order'],
  ] as const)
    await assert.rejects(
      listFills(query, countingReader().reader, SOON),
      (error) => error instanceof BadQueryError && error.path === path,
      path,
    );
});
