import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailOf } from '../../../lib/domain/messengers.ts';
import type { Notice } from '../../../lib/domain/notice.ts';
import { NOW } from '../../support/builders.ts';

const notice = (title: string): Notice => ({
  id: 'm1/2',
  event: 'halted',
  at: NOW,
  title,
  lines: [['reason', 'Größe <b>']],
});

test('An e-mail has the title as its subject and everything as its text', () => {
  assert.deepEqual(mailOf(notice('Halted: strategy demo')), {
    subject: 'Halted: strategy demo',
    text: `Halted: strategy demo\nreason: Größe <b>\nat: ${new Date(NOW).toISOString()}\nevent: m1/2`,
  });
});

test('A subject is what SNS takes: short, printable ASCII, and something', () => {
  assert.equal(mailOf(notice('Halted: Übermut')).subject, 'Halted: ?bermut');
  assert.equal(mailOf(notice('x'.repeat(160))).subject.length, 99);
  assert.equal(mailOf(notice('')).subject, 'mexc-serverless');
});
