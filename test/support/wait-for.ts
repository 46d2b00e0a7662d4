import { setTimeout as wait } from 'node:timers/promises';

/** Waits until something is so, looking every few milliseconds. @returns what `look` gave @throws when it never comes */
export const waitFor = async <T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  milliseconds = 20_000,
): Promise<T> => {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await wait(25);
  }
};
