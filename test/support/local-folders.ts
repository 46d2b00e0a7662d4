import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own below the system's temporary one. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'mexc-test-'));

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });
