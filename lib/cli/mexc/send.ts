import { randomUUID } from 'node:crypto';
import type { Session } from './session.ts';
import { OrderView } from './shapes.ts';
import { explanationOf } from './why.ts';

/** Fields of a test alert, as the webhook calls them. */
export type AlertAsked = Readonly<Record<string, string | undefined>> & { readonly strategy: string };

/** What the webhook answers for an alert that is an order. */
const Answer = OrderView;

/** `send`: a test alert, checked by everything, whose order goes to the exchange's test. @returns exit status */
export const sendTest = async (
  asked: AlertAsked,
  { api, json, say, print, now }: Session,
): Promise<number> => {
  const fields = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const alert = { id: `cli-${randomUUID()}`, time: new Date(now()).toISOString(), ...fields, test: true };
  const order = await api.alert(alert, Answer);
  if (json) print(order);
  else {
    say(explanationOf({ ...order, alert: JSON.stringify(alert), settled: true, attempts: [], fills: [] }));
    say(`Its life: order ${order.id}`);
  }
  return order.state === 'rejected' ? 1 : 0;
};
