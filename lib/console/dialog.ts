import { ApiError } from './api.ts';
import { type Child, draw, field, h } from './dom.ts';

export interface Asked {
  readonly title: string;
  /** What happens on confirmation. */
  readonly text: string;
  readonly fields: readonly {
    readonly name: string;
    readonly label: string;
    readonly hint?: string;
    readonly secret?: boolean;
    readonly value?: string | undefined;
  }[];
  readonly confirm: string;
  readonly danger?: boolean;
  /** What is shown while `carryOut` is under way. */
  readonly waiting: string;
  /** @returns what came of it; an ApiError is shown, and the form stays. */
  readonly carryOut: (values: (name: string) => string) => Promise<readonly Child[]>;
}

/** Asks, does, and shows what came of it. Everything typed is gone when it closes. */
export const ask = (asked: Asked): void => {
  const opener = document.activeElement;
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'dialog-title');
  let problem: readonly string[] = [];
  let busy = false;
  let result: readonly Child[] | undefined;
  const close = (): void => dialog.close();

  const onsubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy) return;
    busy = true;
    problem = [];
    show();
    try {
      result = await asked.carryOut((name) => field(form, name));
    } catch (error) {
      problem = error instanceof ApiError ? error.sentences : [String(error)];
    }
    busy = false;
    show();
  };

  const inputOf = ({ name, secret, value }: Asked['fields'][number]): Child =>
    h('input', {
      id: `ask-${name}`,
      name,
      type: secret ? 'password' : 'text',
      autocomplete: 'off',
      required: true,
      value,
    });

  const show = (): void =>
    draw(dialog, [
      h('h2', { id: 'dialog-title' }, asked.title),
      result
        ? [
            h('div', { key: 'result', role: 'status' }, result),
            h(
              'p',
              { class: 'buttons', key: 'end' },
              h('button', { type: 'button', onclick: close }, 'Close'),
            ),
          ]
        : [
            h('p', { key: 'text' }, asked.text),
            h(
              'form',
              { key: 'form', onsubmit },
              asked.fields.map((each) =>
                h(
                  'div',
                  { class: 'field', key: each.name },
                  h('label', { for: `ask-${each.name}` }, each.label),
                  inputOf(each),
                  each.hint === undefined ? false : h('p', { class: 'hint' }, each.hint),
                ),
              ),
              h(
                'div',
                { class: 'problem', role: 'alert', key: 'problem' },
                problem.map((each) => h('p', {}, each)),
              ),
              h('p', { role: 'status', key: 'busy' }, busy ? asked.waiting : ''),
              h(
                'p',
                { class: 'buttons', key: 'buttons' },
                h(
                  'button',
                  { type: 'submit', class: asked.danger ? 'danger' : undefined, disabled: busy },
                  asked.confirm,
                ),
                h('button', { type: 'button', class: 'quiet', onclick: close }, 'Cancel'),
              ),
            ),
          ],
    ]);

  dialog.addEventListener('close', () => {
    dialog.remove();
    if (opener instanceof HTMLElement) opener.focus();
  });
  show();
  document.body.append(dialog);
  dialog.showModal();
};
