/** Stand-in: answers with what it was asked. */
export const handler = async (event: { routeKey?: string }) => ({
  statusCode: 200,
  body: JSON.stringify({ routeKey: event.routeKey }),
});
