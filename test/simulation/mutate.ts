import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MUTANTS } from './mutants.ts';

const ROOT = new URL('../../', import.meta.url).href;

/**
 * Loads the product without the rule that the mutant leaves out. To be called before the first file of it is imported.
 * @throws Error when there is no such mutant, or a text that it replaces is not there exactly once
 */
export const mutate = (name: string): (() => void) => {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (!mutant) throw new Error(`there is no mutant "${name}"`);
  const left = new Set(mutant.edits);
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      const file = url.startsWith(ROOT) ? url.slice(ROOT.length) : '';
      const edits = mutant.edits.filter((edit) => edit.file === file);
      if (edits.length === 0) return loaded;
      let source = Buffer.from((loaded.source ?? '') as string).toString('utf8');
      for (const edit of edits) {
        const parts = source.split(edit.find);
        if (parts.length !== 2) {
          throw new Error(`${fileURLToPath(url)}: ${parts.length - 1} places for the mutant "${name}"`);
        }
        source = parts.join(edit.replace);
        left.delete(edit);
      }
      return { ...loaded, source };
    },
  });
  return () => {
    if (left.size > 0) throw new Error(`the mutant "${name}" was never loaded: ${[...left][0]?.file}`);
  };
};
