import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TopicModel } from './event-model.ts';
import { readBody } from './http.ts';
import type { LambdaService } from './lambda-service.ts';

const MOST_BYTES = 300_000;

/** Whether a request is in the query protocol, which of the services here only SNS speaks. */
export const isSns = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'POST' &&
  url === '/' &&
  String(headers['content-type']).startsWith('application/x-www-form-urlencoded');

/** SNS's Publish, to the functions that have subscribed; what would be an e-mail becomes a line. */
export const snsApi =
  (
    topics: readonly TopicModel[],
    lambda: Pick<LambdaService, 'invokeAsync'>,
    onLine: (part: string, line: string) => void,
  ) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams((await readBody(request, MOST_BYTES))?.toString('utf8'));
    const refuse = (code: string, message: string): void => {
      response.writeHead(400, { 'content-type': 'text/xml' });
      response.end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    };
    if (form.get('Action') !== 'Publish')
      return refuse('InvalidAction', 'Only Publish is understood by the local SNS.');
    const topic = topics.find(({ arn }) => arn === form.get('TopicArn'));
    if (!topic) return refuse('NotFound', 'Topic does not exist');
    const id = randomUUID();
    for (const to of topic.emails) {
      const mail = { to, subject: form.get('Subject'), text: form.get('Message') };
      onLine('e-mail', JSON.stringify({ level: 'INFO', message: 'an e-mail', ...mail }));
    }
    for (const name of topic.functions) lambda.invokeAsync(name, snsEvent(topic, id, form));
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${id}</MessageId></PublishResult></PublishResponse>`,
    );
  };

const snsEvent = ({ arn }: TopicModel, id: string, form: URLSearchParams): string =>
  JSON.stringify({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: `${arn}:${id}`,
        Sns: {
          Type: 'Notification',
          MessageId: id,
          TopicArn: arn,
          Subject: form.get('Subject'),
          Message: form.get('Message') ?? '',
          Timestamp: new Date().toISOString(),
          MessageAttributes: {},
        },
      },
    ],
  });
