import type { Overview } from './answers.ts';
import { type Child, h } from './dom.ts';

/** What a view may do beside showing. */
export interface Context {
  /** Of the address behind the `#`: never holds a token. */
  readonly query: URLSearchParams;
  /** Another one for every opening: key of what belongs to this one alone. */
  readonly id: string;
  /** The rest of the path behind the view's name. */
  readonly rest: string;
  /** The newest overview, once there is one. */
  overview(): Overview | undefined;
  /** Shows again what has changed. */
  redraw(): void;
  /** Asks now and every so many ms, for as long as the view is open and the tab is seen. */
  poll(every: number, ask: () => Promise<void>): () => void;
  /** Goes to a place of the console, such as `#/orders?state=open`. */
  go(place: string): void;
  /** Runs when the view is left. */
  onLeave(work: () => void): void;
}

export interface View {
  readonly title: string;
  readonly draw: () => readonly Child[];
}

export const loading = (what: string): Child =>
  h('p', { class: 'empty', role: 'status' }, `Loading ${what} …`);
export const empty = (...children: readonly Child[]): Child => h('p', { class: 'empty' }, ...children);

/** A headed part of a page. */
export const panel = (title: string, ...children: readonly Child[]): Child =>
  h('section', { class: 'panel', key: `panel ${title}` }, h('h2', {}, title), ...children);

/** A figure with its name. */
export const tile = (name: string, figure: Child, ...more: readonly Child[]): Child =>
  h(
    'div',
    { class: 'tile', key: `tile ${name}` },
    h('h2', {}, name),
    h('p', { class: 'figure' }, figure),
    ...more,
  );

/** A table that becomes a list of cards on a narrow screen. */
export const table = (
  caption: string,
  heads: readonly string[],
  rows: readonly { readonly key: string; readonly cells: readonly Child[] }[],
): Child =>
  h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((head) => h('th', { scope: 'col' }, head)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map(({ key, cells }) =>
          h(
            'tr',
            { key },
            cells.map((cell, n) => h('td', { 'data-head': heads[n] }, cell)),
          ),
        ),
      ),
    ),
  );

/** How much of a limit is used: in figures, and as a bar. */
export const use = (label: string, used: string, limit: string | undefined, shown: Child): Child => {
  const [part, whole] = [Number(used), Number(limit)];
  const share =
    limit === undefined ? 0 : whole > 0 ? Math.max(0, Math.min(1, part / whole)) : part > 0 ? 1 : 0;
  return h(
    'div',
    { class: 'use', key: `use ${label}` },
    h('span', {}, label),
    h('span', { class: 'number' }, shown),
    limit === undefined
      ? false
      : h('meter', {
          min: '0',
          max: '1',
          low: '0.7',
          high: '0.9',
          optimum: '0',
          value: share.toFixed(3),
          'aria-label': label,
        }),
  );
};

/** A state or a mode as a coloured word: the word alone says it too. */
export const pill = (word: string): Child =>
  h('span', { class: `pill ${word.toLowerCase()}` }, word.replaceAll('_', ' '));
