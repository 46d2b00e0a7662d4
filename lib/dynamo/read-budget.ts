import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { ReadBudget } from '../domain/ports.ts';
import { afterLeaving, mayLeaveAt, type ReadUse } from '../domain/read-budget.ts';
import { type Dynamo, reachable, until } from './client.ts';
import { CONTROL } from './control.ts';
import { parseItem } from './items.ts';

const Stored = z.object({
  calls: z.array(z.number()).default([]),
  accounts: z.array(z.number()).default([]),
  weights: z.array(z.tuple([z.number(), z.number()])).default([]),
  /** No read leaves before: the exchange asked for a pause. */
  pauseUntil: z.number().default(0),
  /** +1 with every use and pause; every write is conditioned on what was read. */
  version: z.number().default(0),
});
type Stored = Readonly<Omit<z.infer<typeof Stored>, keyof ReadUse>> & ReadUse;

/** The account's budget of reads, on one item of `Control`. */
export const createReadBudget = (dynamo: Dynamo): ReadBudget => {
  const { client, tables, clock } = dynamo;
  /** As this process saw it last: use only ever grows, so what it forbids stays forbidden. */
  let known: Stored = Stored.parse({});

  /** @returns what is stored instead, if somebody else came first */
  const write = async (next: Stored, deadline: number): Promise<Stored | undefined> => {
    const { calls, accounts, weights, version } = next;
    try {
      await client.send(
        new UpdateCommand({
          TableName: tables.control,
          Key: { name: CONTROL.reads },
          UpdateExpression:
            'SET #calls = :calls, #accounts = :accounts, #weights = :weights, #version = :version',
          ConditionExpression: version === 1 ? 'attribute_not_exists(#version)' : '#version = :before',
          ExpressionAttributeNames: {
            '#calls': 'calls',
            '#accounts': 'accounts',
            '#weights': 'weights',
            '#version': 'version',
          },
          ExpressionAttributeValues: {
            ':calls': calls,
            ':accounts': accounts,
            ':weights': weights,
            ':version': version,
            ...(version > 1 && { ':before': version - 1 }),
          },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
        until(dynamo, { deadline }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const item = error.Item ? unmarshall(error.Item, { wrapNumbers: true }) : {};
      return parseItem(Stored, item, 'Control/reads');
    }
  };

  return {
    take: async (need, latest, { deadline }) => {
      for (;;) {
        const at = mayLeaveAt(known, need, Math.max(clock.now(), known.pauseUntil));
        if (at > latest || clock.now() > deadline) return undefined;
        const next = { ...known, ...afterLeaving(known, need, at), version: known.version + 1 };
        const other = await reachable(write(next, deadline));
        known = other ?? next;
        if (!other) return at;
      }
    },
  };
};
