import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { StartError } from './start-error.ts';
import { parseTemplate, type Template } from './template.ts';

const Manifest = z.looseObject({
  artifacts: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      properties: z
        .looseObject({ templateFile: z.string().optional(), file: z.string().optional() })
        .default({}),
    }),
  ),
});

const Assets = z.looseObject({
  files: z.record(
    z.string(),
    z.looseObject({
      source: z.looseObject({ path: z.string().optional() }),
      destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
    }),
  ),
  dockerImages: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ directory: z.string() }),
        destinations: z.record(z.string(), z.looseObject({ imageTag: z.string() })),
      }),
    )
    .default({}),
});

/** One synthesized stack: its template and the folders of its assets. */
export interface Assembly {
  readonly template: Template;
  /** The folder that would be uploaded under this key. */
  readonly assetFolder: (key: string) => string;
  /** The folder that the image of this tag would be built of. */
  readonly imageFolder: (tag: string) => string;
}

/** Reads what a synthesis left in `folder`. */
export const readAssembly = (folder: string): Assembly => {
  const readJson = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const artifacts = Object.values(Manifest.parse(readJson('manifest.json')).artifacts);
  const stacks = artifacts.filter(({ type }) => type === 'aws:cloudformation:stack');
  const templateFile = stacks[0]?.properties.templateFile;
  if (!templateFile || stacks.length > 1)
    throw new StartError(`One stack was expected in the assembly; it has ${stacks.length}.`);

  const folders = new Map<string, string>();
  for (const { type, properties } of artifacts) {
    if (type !== 'cdk:asset-manifest' || !properties.file) continue;
    const { files, dockerImages } = Assets.parse(readJson(properties.file));
    for (const { source, destinations } of Object.values(dockerImages)) {
      for (const { imageTag } of Object.values(destinations))
        folders.set(imageTag, resolve(folder, source.directory));
    }
    for (const { source, destinations } of Object.values(files)) {
      for (const { objectKey } of Object.values(destinations))
        if (source.path) folders.set(objectKey, resolve(folder, source.path));
    }
  }
  const folderOf = (key: string): string => {
    const found = folders.get(key);
    if (!found) throw new StartError(`The assembly has no asset ${key}.`);
    return found;
  };
  return {
    template: parseTemplate(readJson(templateFile)),
    assetFolder: folderOf,
    imageFolder: folderOf,
  };
};
