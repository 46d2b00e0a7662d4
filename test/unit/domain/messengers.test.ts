import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type MessengerKind, postOf, verdictOn } from '../../../lib/domain/messengers.ts';
import { type Notice, orderNotice } from '../../../lib/domain/notice.ts';
import { anAlert, anOrder, NOW } from '../../support/builders.ts';

const HOOK = { url: 'https://hooks.example.com/T0/B0/secret' };
const TELEGRAM = { botToken: '123:abc_DEF-4', chatId: '-100' };
const ACCESS: Record<MessengerKind, object> = { telegram: TELEGRAM, discord: HOOK, slack: HOOK, http: HOOK };

const aNotice = (comment = 'breakout'): Notice => {
  const notice = orderNotice(
    undefined,
    anOrder({ state: 'filled', version: 2, alert: anAlert({ comment }) }),
  );
  assert.ok(notice);
  return notice;
};
const bodyOf = (kind: MessengerKind, notice: Notice, access: unknown = ACCESS[kind]) => {
  const post = postOf(kind, access, notice);
  assert.ok(post);
  return { ...post, json: JSON.parse(post.body) };
};

describe('the request to a messenger', () => {
  test('Telegram gets HTML at the address of its bot', () => {
    const { url, json } = bodyOf('telegram', aNotice('a < b & c'));

    assert.equal(url, 'https://api.telegram.org/bot123:abc_DEF-4/sendMessage');
    assert.deepEqual([json.chat_id, json.parse_mode], ['-100', 'HTML']);
    assert.match(json.text, /comment: <code>a &lt; b &amp; c<\/code>/);
  });

  test('Discord can mention nobody', () => {
    const { url, json } = bodyOf('discord', aNotice('@everyone **now** <@1> [x](https://evil.example)'));

    assert.equal(url, HOOK.url);
    assert.deepEqual(json.allowed_mentions, { parse: [] });
    assert.match(
      json.content,
      /comment: \\@everyone \\\*\\\*now\\\*\\\* \\<\\@1\\> \\\[x\\\]\\\(https\\:\/\/evil\.example\\\)/,
    );
  });

  test('Slack gets text without markup or previews', () => {
    const { json } = bodyOf('slack', aNotice('<!channel> & *now*'));

    assert.deepEqual([json.mrkdwn, json.unfurl_links, json.unfurl_media], [false, false, false]);
    assert.match(json.text, /comment: &lt;!channel&gt; &amp; \*now\*/);
  });

  test('any other address gets the fields as JSON, with the authorization it asks for', () => {
    const notice = aNotice();
    const { headers, json } = bodyOf('http', notice, { ...HOOK, authorization: 'Bearer abc' });

    assert.equal(headers.authorization, 'Bearer abc');
    assert.deepEqual(
      [json.id, json.event, json.at, json.details.comment],
      [notice.id, 'filled', new Date(notice.at).toISOString(), 'breakout'],
    );
  });

  test('every text holds the id of the event', () => {
    for (const kind of ['telegram', 'discord', 'slack', 'http'] as const) {
      const notice = aNotice();
      const { json } = bodyOf(kind, notice);
      assert.ok(
        (json.text ?? json.content).endsWith(notice.id) || json.text.includes(`<code>${notice.id}</code>`),
      );
    }
  });

  test('access that does not fit the messenger, or that would send secrets in the clear, makes no request', () => {
    for (const access of [undefined, null, {}, { url: 'http://hooks.example.com/x' }, { url: 'hooks' }]) {
      for (const kind of ['telegram', 'discord', 'slack', 'http'] as const)
        assert.equal(postOf(kind, access, aNotice()), undefined);
    }
    assert.equal(postOf('telegram', { botToken: 'a/../b', chatId: 1 }, aNotice()), undefined);
  });

  test('whatever a comment holds, it comes out as that text and fits the messenger', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'<>&*_~`|[]()#@:\\-!. ab😀'), maxLength: 500 });
    fc.assert(
      fc.property(hostile, hostile, (comment, strategy) => {
        const alert = anAlert({ comment });
        const own = { state: 'refused', reason: comment, code: comment, strategy, alert } as const;
        const notice = orderNotice(undefined, anOrder(own));
        assert.ok(notice);
        const values = notice.lines.map(([, value]) => value);

        const { text } = bodyOf('telegram', notice).json;
        const shown = [...text.matchAll(/^\w+: <code>([^<>]*)<\/code>$/gm)].map(([, value]) =>
          value.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
        );
        assert.deepEqual(shown.slice(0, values.length), values);

        const { content } = bodyOf('discord', notice).json;
        assert.ok(content.length <= 2000, `${content.length} characters`);
        const lines = content.split('\n').slice(1, -2);
        assert.deepEqual(
          lines.map((line: string) => line.slice(line.indexOf(': ') + 2).replaceAll(/\\(.)/gu, '$1')),
          values,
        );
        for (const line of lines)
          assert.doesNotMatch(
            line.slice(line.indexOf(': ') + 2).replaceAll(/\\./gu, ''),
            /[\\*_~`|<>[\]()#@:]/,
          );
        assert.doesNotMatch(bodyOf('slack', notice).json.text, /[<>]/);
      }),
    );
  });
});

describe('the answer of a messenger', () => {
  const answer = (status: number, own: { retryAfter?: string; text?: string } = {}) =>
    verdictOn({ kind: 'answer', status, text: '', ...own }, NOW);

  test('is a success, a reason to try later, or a reason never to try again', () => {
    for (const status of [200, 201, 204]) assert.equal(answer(status).kind, 'delivered');
    for (const status of [408, 425, 429, 500, 502, 503, 504]) assert.equal(answer(status).kind, 'later');
    for (const status of [301, 302, 400, 401, 403, 404, 410, 413]) assert.equal(answer(status).kind, 'never');
    assert.deepEqual(verdictOn({ kind: 'none', why: 'timeout' }, NOW), { kind: 'later', why: 'timeout' });
  });

  test('says when to come back: in the header, as Telegram does, or as Discord does', () => {
    const after = (own: Parameters<typeof answer>[1]): number | undefined => {
      const verdict = answer(429, own);
      return verdict.kind === 'later' ? verdict.afterSeconds : assert.fail();
    };

    assert.equal(after({ retryAfter: '30' }), 30);
    assert.equal(after({ retryAfter: new Date(NOW + 5_000).toUTCString() }), 5);
    assert.equal(after({ text: '{"ok":false,"error_code":429,"parameters":{"retry_after":17}}' }), 17);
    assert.equal(after({ text: '{"message":"limited","retry_after":0.65,"global":false}' }), 1);
    assert.equal(after({ text: '<html>' }), undefined);
    assert.equal(after({ retryAfter: 'soon' }), undefined);
  });
});
