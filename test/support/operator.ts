import type { Answered } from './webhook.ts';

/** A start that the operator may control. */
export interface Operated {
  readonly url: string;
  readonly adminToken: string;
}

/** `PUT /control` with a reason, as the operator sends it. */
export const putControl = (
  stack: Operated,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Answered> =>
  ask(stack, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...bearer(stack), ...headers },
    body: JSON.stringify({ reason: 'a test', ...body }),
  });

/** `GET /control`. */
export const getControl = async (stack: Operated): Promise<Answered['json']> =>
  (await ask(stack, { headers: bearer(stack) })).json;

const bearer = ({ adminToken }: Operated) => ({ authorization: `Bearer ${adminToken}` });

/** A request to `/control` as it is given. */
export const ask = async ({ url }: Pick<Operated, 'url'>, init: RequestInit): Promise<Answered> => {
  const response = await fetch(`${url}/control`, init);
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
};
