/** What a cold start costs without any code of ours. */
export const handler = async () => ({ statusCode: 200, body: '{}' });
