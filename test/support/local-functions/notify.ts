/** Stand-in: takes everything. */
export const handler = async () => ({ batchItemFailures: [] });
