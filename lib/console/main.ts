import type { Overview } from './answers.ts';
import { ApiError, get, session } from './api.ts';
import { type Child, draw, h } from './dom.ts';
import { moment, span } from './format.ts';
import { startPoll } from './poll.ts';
import { signIn } from './sign-in.ts';
import type { Context, View } from './view.ts';
import { accountView } from './view-account.ts';
import { marketView } from './view-market.ts';
import { orderView } from './view-order.ts';
import { ordersView } from './view-orders.ts';
import { overviewView } from './view-overview.ts';
import { strategiesView } from './view-strategies.ts';

const VIEWS: Readonly<Record<string, (context: Context) => View>> = {
  overview: overviewView,
  market: marketView,
  orders: (context) => (context.rest === '' ? ordersView(context) : orderView(context)),
  strategies: strategiesView,
  account: accountView,
};
const NAMES: Readonly<Record<string, string>> = {
  overview: 'Overview',
  market: 'Market',
  orders: 'Orders',
  strategies: 'Strategies',
  account: 'Account',
};

const OVERVIEW_EVERY = 3_000;

const root = document.getElementById('app');
if (!root) throw new Error('the page has no place for the console');

let overview: Overview | undefined;
let view: View | undefined;
let name = 'overview';
let openings = 0;
let place = '';
let leave: (() => void)[] = [];
let stopOverview: (() => void) | undefined;
/** What does not answer, by what was asked. */
const troubles = new Map<object, { message: string; again: number }>();
let answeredAt: number | undefined;
let farewell: string | undefined;

const signOut = (sentence: string): void => {
  session.end();
  farewell = sentence;
  close();
  stopOverview?.();
  stopOverview = undefined;
  overview = undefined;
  troubles.clear();
  for (const dialog of document.querySelectorAll('dialog')) dialog.remove();
  redraw();
};

const poll = (every: number, ask: () => Promise<void>): (() => void) => {
  const mark = {};
  const running = startPoll({
    every,
    ask,
    onOutcome: (error, again) => {
      if (error?.status === 401) {
        running.stop();
        signOut('The read token is not accepted any more: sign in again.');
        return;
      }
      if (error) troubles.set(mark, { message: error.message, again });
      else {
        troubles.delete(mark);
        answeredAt = Date.now();
      }
      redraw();
    },
  });
  return () => {
    troubles.delete(mark);
    running.stop();
  };
};

const close = (): void => {
  for (const work of leave) work();
  leave = [];
  view = undefined;
};

/** Opens what the address says. */
const open = (): void => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [first = '', ...rest] = path.split('/');
  if (location.hash === place && view) return;
  close();
  place = location.hash;
  openings += 1;
  name = Object.hasOwn(VIEWS, first) ? first : 'overview';
  const context: Context = {
    id: String(openings),
    query: new URLSearchParams(query),
    rest: decodeURIComponent(rest.join('/')),
    overview: () => overview,
    redraw,
    poll: (every, ask) => {
      const stop = poll(every, ask);
      leave.push(stop);
      return stop;
    },
    go: (to) => {
      location.hash = to;
    },
    onLeave: (work) => leave.push(work),
  };
  view = VIEWS[name]?.(context);
  document.title = `${view?.title ?? ''} · mexc-serverless`;
  redraw();
};

const begin = (): void => {
  farewell = undefined;
  stopOverview ??= poll(OVERVIEW_EVERY, async () => {
    overview = await get<Overview>('overview');
  });
  place = '';
  open();
};

let drawing = false;
/** At most once a frame, and never within itself; a hidden tab draws when it is seen again. */
function redraw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    if (root) draw(root, session.token() === undefined ? [signIn({ farewell, begin })] : shell());
  });
}

const status = (): Child => {
  const [trouble] = troubles.values();
  if (trouble)
    return h(
      'p',
      { class: 'status trouble', role: 'status' },
      `${trouble.message} Trying again in ${span(trouble.again)}.`,
    );
  return h(
    'p',
    { class: 'status' },
    answeredAt === undefined ? 'Loading …' : `Read at ${moment(answeredAt).slice(11)}`,
  );
};

const shell = (): readonly Child[] => [
  h(
    'header',
    { key: 'header' },
    h('a', { class: 'skip', href: '#main', onclick: skip }, 'Skip to the content'),
    h('p', { class: 'brand' }, 'mexc-serverless'),
    h(
      'nav',
      { 'aria-label': 'Views' },
      Object.entries(NAMES).map(([each, words]) =>
        h('a', { href: `#/${each}`, 'aria-current': each === name ? 'page' : undefined }, words),
      ),
    ),
    status(),
    h(
      'button',
      { type: 'button', class: 'quiet', onclick: () => signOut('You are signed out.') },
      'Sign out',
    ),
  ),
  h(
    'main',
    { id: 'main', tabindex: '-1', key: `main ${name}` },
    h('h1', {}, view?.title ?? ''),
    view ? view.draw() : false,
  ),
  h(
    'footer',
    { key: 'footer' },
    h('p', {}, 'All times are UTC. Amounts are exact decimals, cut after eight places.'),
    h(
      'p',
      {},
      'Charts: ',
      h('a', { href: 'https://www.tradingview.com/', rel: 'noreferrer' }, 'TradingView Lightweight Charts™'),
      ', © 2025 TradingView, Inc.',
    ),
  ),
];

function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

addEventListener('hashchange', () => {
  if (session.token() !== undefined) open();
});
addEventListener('unhandledrejection', ({ reason }) => {
  if (reason instanceof ApiError && reason.status === 401)
    signOut('The read token is not accepted any more: sign in again.');
});
document.addEventListener('visibilitychange', redraw);

if (session.token() === undefined) redraw();
else begin();
