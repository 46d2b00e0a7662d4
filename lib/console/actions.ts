import { ApiError, postAlert, putControl } from './api.ts';
import { ask } from './dialog.ts';
import { type Child, h } from './dom.ts';
import { words } from './format.ts';

const MODES = {
  HALTED: {
    verb: 'Halt',
    text: 'Nothing but cancel alerts will be carried out. The answer waits until nothing that was sent before can reach the exchange any more.',
  },
  REDUCE_ONLY: {
    verb: 'Reduce only',
    text: 'Alerts that open or enlarge a position will be refused; exits still work.',
  },
  ACTIVE: { verb: 'Resume', text: 'Alerts will be carried out again.' },
} as const;
type Mode = keyof typeof MODES;

const changeMode = (mode: Mode, strategy: string | undefined): void => {
  const { verb, text } = MODES[mode];
  ask({
    title: `${verb} ${strategy ?? 'all strategies'}`,
    text,
    danger: mode === 'HALTED',
    fields: [
      { name: 'reason', label: 'Reason', hint: 'Is kept and shown.' },
      { name: 'admin', label: 'Admin token', hint: 'Used for this one request and forgotten.', secret: true },
    ],
    confirm: verb,
    waiting: 'Waiting until it holds everywhere …',
    carryOut: async (value) => {
      const request = {
        mode,
        reason: value('reason'),
        ...(strategy !== undefined && { strategies: [strategy] }),
      };
      try {
        const { message } = await putControl(request, value('admin'));
        return [
          h(
            'p',
            {},
            message ?? `It holds: ${strategy ?? 'all strategies'} ${strategy ? 'is' : 'are'} ${words(mode)}.`,
          ),
        ];
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401) throw error;
        throw new ApiError(401, { message: 'This admin token is wrong. Nothing was changed.' });
      }
    },
  });
};

/** Buttons for modes. @param strategy absent: all of them, those to come included */
export const modeButtons = (current: string | undefined, strategy?: string): Child =>
  h(
    'p',
    { class: 'buttons', role: 'group', 'aria-label': `Mode of ${strategy ?? 'all strategies'}` },
    (['HALTED', 'REDUCE_ONLY', 'ACTIVE'] as const).map((mode) =>
      h(
        'button',
        {
          type: 'button',
          class: mode === 'HALTED' ? 'danger' : 'quiet',
          disabled: mode === current,
          onclick: () => changeMode(mode, strategy),
        },
        MODES[mode].verb,
      ),
    ),
  );

/** Sends an alert with `test: true`: everything happens but the order. */
export const testAlert = (strategy: string, symbols: readonly string[], go: (place: string) => void): void =>
  ask({
    title: `Test alert for ${strategy}`,
    text: 'Goes the way of every alert, to the exchange’s test of orders. Nothing is bought.',
    fields: [
      {
        name: 'symbol',
        label: 'Symbol',
        hint: 'As the exchange spells it, such as SOLUSDT.',
        value: symbols[0],
      },
      { name: 'quoteQuantity', label: 'Size, in the quote asset', value: '10' },
      {
        name: 'token',
        label: 'Webhook token',
        hint: 'Used for this one request and forgotten.',
        secret: true,
      },
    ],
    confirm: 'Send test alert',
    waiting: 'Sent; waiting for the answer …',
    carryOut: async (value) => {
      const { id, state, reason } = await postAlert({
        token: value('token'),
        strategy,
        time: new Date().toISOString(),
        id: `console-test-${crypto.randomUUID()}`,
        symbol: value('symbol'),
        action: 'buy',
        quoteQuantity: value('quoteQuantity'),
        test: true,
        comment: 'test alert of the console',
      });
      const open = (event: MouseEvent): void => {
        event.preventDefault();
        if (event.currentTarget instanceof HTMLElement) event.currentTarget.closest('dialog')?.close();
        go(`#/orders/${id}`);
      };
      return [
        h('p', {}, `The order is ${words(state)}${reason === undefined ? '' : `: ${reason}`}. `),
        h('p', {}, h('a', { href: `#/orders/${id}`, onclick: open }, 'Its life')),
      ];
    },
  });
