/** Stand-in: logs what it was invoked with. */
export const handler = async (event: unknown): Promise<void> => {
  process.stdout.write(`${JSON.stringify({ level: 'INFO', message: 'reconciled', event })}\n`);
};
