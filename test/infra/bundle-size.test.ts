import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withBundle } from '../../infra/bundle.ts';

/** Every byte is read and compiled before the first alert of a cold start is looked at. */
const MOST_BYTES = 1_000_000;
/** Starts once and runs for weeks: nobody waits for it. */
const CONTAINERS = new Set(['stream.ts']);

const functions = fileURLToPath(new URL('../../functions/', import.meta.url));

describe('the bundle of each function stays below a megabyte', () => {
  for (const file of readdirSync(functions).filter((each) => !CONTAINERS.has(each))) {
    test(file, (t) => {
      const bytes = withBundle(
        join(functions, file),
        undefined,
        (folder) => statSync(join(folder, 'index.cjs')).size,
      );

      t.diagnostic(`${bytes} bytes`);
      assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
    });
  }
});
