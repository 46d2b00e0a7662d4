import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const ROOT = new URL('../../', import.meta.url).href;
const PARAMETER = 'mutant';

type Edit = Mutant['edits'][number];

/** The text of one file without the rule. @throws Error when a text that is replaced is not there exactly once */
const edited = (file: string, text: string, { name, edits }: Mutant, done: (edit: Edit) => void): string => {
  let source = text;
  for (const edit of edits.filter((each) => each.file === file)) {
    const parts = source.split(edit.find);
    if (parts.length !== 2)
      throw new Error(`${fileURLToPath(ROOT)}${file}: ${parts.length - 1} places for the mutant "${name}"`);
    source = parts.join(edit.replace);
    done(edit);
  }
  return source;
};

const textOf = (source: unknown): string => Buffer.from((source ?? '') as string).toString('utf8');

/**
 * Loads the product without the rule that the mutant leaves out. To be called before the first file of it is imported.
 * @throws Error when there is no such mutant
 */
export const mutate = (name: string): (() => void) => {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (!mutant) throw new Error(`there is no mutant "${name}"`);
  const left = new Set(mutant.edits);
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      const file = url.startsWith(ROOT) ? url.slice(ROOT.length) : '';
      if (!mutant.edits.some((edit) => edit.file === file)) return loaded;
      const source = edited(file, textOf(loaded.source), mutant, (edit) => void left.delete(edit));
      return { ...loaded, source };
    },
  });
  return () => {
    if (left.size > 0) throw new Error(`the mutant "${name}" was never loaded: ${[...left][0]?.file}`);
  };
};

let hooked = false;

/** Files whose address says so are loaded once more, and with them all that they import of this repository. */
const hook = (): void => {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      const asked = context.parentURL && new URL(context.parentURL).searchParams.get(PARAMETER);
      const isOurs = resolved.url.startsWith(ROOT) && !resolved.url.includes('/node_modules/');
      return asked && isOurs ? { ...resolved, url: `${resolved.url}?${PARAMETER}=${asked}` } : resolved;
    },
    load: (url, context, next) => {
      const loaded = next(url, context);
      const { href, searchParams } = new URL(url);
      const mutant = MUTANTS[Number(searchParams.get(PARAMETER) ?? Number.NaN)];
      const file = href.split('?')[0]?.slice(ROOT.length) ?? '';
      if (!mutant?.edits.some((edit) => edit.file === file)) return loaded;
      return { ...loaded, source: edited(file, textOf(loaded.source), mutant, () => undefined) };
    },
  });
};

/** Plays worlds without the rule, in this very process and beside those with it. */
export const worldsWithout = async (mutant: Mutant): Promise<typeof import('./run-seed.ts')> => {
  hook();
  const worlds: typeof import('./run-seed.ts') = await import(
    `./run-seed.ts?${PARAMETER}=${MUTANTS.indexOf(mutant)}`
  );
  return worlds;
};
