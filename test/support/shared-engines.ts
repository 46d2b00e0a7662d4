import { type Running, startRealEngines } from './engines.ts';

const running: Running[] = [];

/** Starts the DynamoDB engines once for a run of many files (`node --test --test-global-setup`): Java takes seconds each time. */
export const globalSetup = async (): Promise<void> => {
  const engines = await startRealEngines();
  running.push(...engines.values());
  const endpoints = [...engines].map(([name, { endpoint }]) => [name, endpoint]);
  process.env.MEXC_TEST_ENGINES = JSON.stringify(Object.fromEntries(endpoints));
};

export const globalTeardown = async (): Promise<void> => {
  await Promise.all(running.map((engine) => engine.stop()));
};
