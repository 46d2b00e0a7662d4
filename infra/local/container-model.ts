import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { StartError } from './start-error.ts';
import type { ReadAll } from './template.ts';

const TaskDefinition = z.looseObject({
  ContainerDefinitions: z
    .array(
      z.looseObject({
        Name: z.string(),
        Image: z.string(),
        Environment: z.array(z.object({ Name: z.string(), Value: z.coerce.string() })).default([]),
      }),
    )
    .length(1, 'one container a task is understood'),
});
const Service = z.looseObject({ DesiredCount: z.coerce.number().default(1), TaskDefinition: z.string() });

/** A container that is to run all the time. */
export interface ContainerModel {
  readonly name: string;
  /** What the image is built of. */
  readonly folder: string;
  /** Program and arguments, by their places in that folder. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly count: number;
}

/**
 * The containers of the template's services.
 * @param imageFolder the folder that the image of this tag is built of
 * @throws StartError naming what is not understood
 */
export const containerModelsOf = (
  all: ReadAll,
  imageFolder: (tag: string) => string,
): readonly ContainerModel[] => {
  const tasks = new Map(
    all('AWS::ECS::TaskDefinition', TaskDefinition).map(({ logicalId, read }) => [logicalId, read]),
  );
  return all('AWS::ECS::Service', Service).map(({ logicalId, read }) => {
    const [container] = tasks.get(read.TaskDefinition)?.ContainerDefinitions ?? [];
    if (!container) throw new StartError(`${logicalId} has no task definition of this template.`);
    const folder = imageFolder(container.Image.split(':').at(-1) ?? '');
    return {
      name: container.Name,
      folder,
      command: commandOf(folder),
      environment: Object.fromEntries(container.Environment.map(({ Name, Value }) => [Name, Value])),
      count: read.DesiredCount,
    };
  });
};

/** The image's command, with the place that the files are copied to replaced by the folder they come from. */
const commandOf = (folder: string): readonly string[] => {
  const lines = readFileSync(join(folder, 'Dockerfile'), 'utf8').split('\n');
  const place = lines.find((line) => line.startsWith('COPY . '))?.slice('COPY . '.length);
  const command = lines.find((line) => line.startsWith('CMD '))?.slice('CMD '.length);
  const words = z
    .array(z.string())
    .min(1)
    .safeParse(command && JSON.parse(command));
  if (!place || !words.success) throw new StartError(`The Dockerfile in ${folder} is not understood here.`);
  return words.data.map((word) =>
    word.startsWith(`${place}/`) ? join(folder, word.slice(place.length)) : word,
  );
};
