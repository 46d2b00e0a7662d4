import { ApiError, get, session } from './api.ts';
import { type Child, field, h } from './dom.ts';

let problem: string | undefined;
let asking = false;

/** The page before the token. @param begin opens the console; @param farewell why the last session ended */
export const signIn = ({ farewell, begin }: { farewell: string | undefined; begin: () => void }): Child => {
  const say = (text: string | undefined): void => {
    problem = text;
    const place = document.getElementById('sign-in-problem');
    if (place) place.textContent = text ?? '';
  };
  const onsubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const token = field(event.currentTarget, 'token');
    if (asking) return;
    if (token === '') return say('The read token is missing.');
    asking = true;
    say('Asking …');
    try {
      await get('overview', {}, token);
      session.begin(token);
      problem = undefined;
      begin();
    } catch (error) {
      const wrong = error instanceof ApiError && error.status === 401;
      say(
        wrong
          ? 'This read token is wrong.'
          : error instanceof Error
            ? error.message
            : 'The API cannot be reached.',
      );
    } finally {
      asking = false;
    }
  };
  return h(
    'main',
    { class: 'sign-in', key: 'sign-in' },
    h('h1', {}, 'mexc-serverless'),
    h('p', { role: 'status' }, farewell ?? 'The operator’s console.'),
    h(
      'form',
      { onsubmit },
      h('label', { for: 'token' }, 'Read token'),
      h('input', {
        id: 'token',
        name: 'token',
        type: 'password',
        autocomplete: 'off',
        required: true,
        autofocus: true,
      }),
      h(
        'p',
        { class: 'hint' },
        'Kept by this tab until it is closed. A local start prints it; a stack keeps it in its secret.',
      ),
      h('p', { id: 'sign-in-problem', class: 'problem', role: 'alert' }, problem ?? ''),
      h('button', { type: 'submit' }, 'Sign in'),
    ),
  );
};
