import { createExchangeClock } from '../domain/exchange-time.ts';
import { createAccountInfo } from '../mexc/account-info.ts';
import { openSession } from '../mexc/session.ts';
import { systemClock } from '../runtime/clock.ts';
import type { ApiKey } from '../runtime/secrets.ts';
import { checkKey, type KeyKind } from './doctor/key.ts';
import { exchangeAddress } from './doctor/surroundings.ts';
import type { Verdict } from './doctor/verdict.ts';
import { type Command, EXIT, type Io, runAsProcess } from './io.ts';
import { findLocalRun } from './local-run.ts';
import { EXIT_CODES, runProgram } from './program.ts';
import { openStackSecrets, type SecretsOptions, type StackSecrets } from './stack-secrets.ts';
import { alertTemplate, dropOldToken, makeToken } from './webhook-token.ts';

const PATIENCE = 15_000;
/** A key with one of these is not stored unless it is forced. */
const FORCEABLE = new Set<Verdict['verdict']>([
  'withdraw_right',
  'right_missing',
  'key_expiring',
  'right_too_many',
]);

interface Where {
  readonly stack: string;
  readonly endpoint?: string;
  readonly secret?: string;
}

interface SetOptions extends Where {
  readonly exchange?: string;
  readonly force?: true;
}

interface WebhookOptions extends Where {
  readonly rotate?: true;
  readonly dropOld?: true;
  readonly url?: string;
}

/** `npm run keys`: puts the exchange's keys and webhook tokens into the secrets of a stack. */
export const keys: Command = (args, io) =>
  runProgram(
    'keys',
    args,
    io,
    (program, end) => {
      program
        .description("Keys of the exchange and tokens of the webhook, in a stack's secrets.")
        .addHelpText('after', `${EXIT_CODES}\n`);
      const command = (words: string, what: string) =>
        program
          .command(words)
          .description(what)
          .option('--stack <name>', 'the deployed stack', 'mexc-serverless')
          .option(
            '--endpoint <url>',
            'Secrets Manager of a local run (the line "secrets" of npm start; found by itself)',
          )
          .option('--secret <name>', "name of the secret, as the stack's output says it");
      command('set', 'asks for a key of the exchange, tries it, and stores it')
        .argument('[kind]', 'trade or read', 'trade')
        .option('--exchange <url>', "the exchange's REST API that the key is tried with")
        .option(
          '--force',
          'store it with a right to withdraw, or without a right that is needed, all the same',
        )
        .addHelpText('after', '\nExample:\n  npm run keys -- set read')
        .action(async (kind: string, options: SetOptions) => end(await setKey(kind, options, io)));
      command(
        'webhook',
        'makes a token for the alerts of a strategy and shows it, once, in the alert to paste',
      )
        .argument('<strategy>', 'name of the strategy')
        .option('--rotate', 'a new token beside the old one, which goes on working')
        .option('--drop-old', 'end a rotation: only the newest token goes on working')
        .option('--url <url>', 'the address of the webhook to show (output WebhookUrl)')
        .addHelpText('after', '\nExample:\n  npm run keys -- webhook ema-cross --rotate')
        .action(async (strategy: string, options: WebhookOptions) =>
          end(await setToken(strategy, options, io)),
        );
    },
    // Whoever types a key where none belongs must not read it again.
    { quotes: false },
  );

const secretsAt = async ({ stack, endpoint, secret }: Where, io: Io): Promise<StackSecrets> => {
  const named = secret === undefined && endpoint === undefined && stack === 'mexc-serverless';
  const run = named && !io.environment.AWS_PROFILE ? await findLocalRun(io) : undefined;
  const options: SecretsOptions = { stack, endpoint: endpoint ?? run?.secrets, name: secret };
  io.err(
    options.endpoint
      ? `secrets of the local run at ${options.endpoint}`
      : `secrets of the stack ${stack} in AWS`,
  );
  return openStackSecrets(options);
};

const setKey = async (word: string, options: SetOptions, io: Io): Promise<number> => {
  if (word !== 'trade' && word !== 'read') {
    io.err('The kind of key is trade or read. The key itself is asked for, never given as an argument.');
    return EXIT.usage;
  }
  const kind: KeyKind = word;
  const secrets = await secretsAt(options, io);
  const accessKey = (await io.ask(`Access key of the ${kind} key (not shown): `)).trim();
  const secretKey = (await io.ask(`Secret key of the ${kind} key (not shown): `)).trim();
  if (accessKey === '' || secretKey === '') {
    io.err('A key has two parts; nothing was stored.');
    return EXIT.usage;
  }
  const exchange = await exchangeAddress(options, io);
  const verdicts = await tryKey(kind, { accessKey, secretKey }, exchange);
  for (const { verdict, level, message, advice } of verdicts) {
    io.out(
      `${level === 'ok' ? 'ok' : level === 'warn' ? 'warn' : 'WRONG'}  ${verdict.replaceAll('_', ' ')}: ${message}`,
    );
    if (advice) io.out(`    ${advice}`);
  }
  const refusals = verdicts.filter(({ verdict, level }) => level === 'wrong' || verdict === 'withdraw_right');
  const isForced = options.force === true && refusals.every(({ verdict }) => FORCEABLE.has(verdict));
  if (verdicts.some(({ level }) => level === 'unreachable')) {
    io.err(`Nothing was stored: ${exchange} did not answer, so the key could not be tried.`);
    return EXIT.unreachable;
  }
  if (refusals.length > 0 && !isForced) {
    const may = refusals.every(({ verdict }) => FORCEABLE.has(verdict))
      ? ' (--force stores it all the same)'
      : '';
    io.err(`Nothing was stored${may}.`);
    return EXIT.wrong;
  }
  const id = kind === 'trade' ? 'TradeKey' : 'ReadKey';
  await secrets.write(id, JSON.stringify({ accessKey, secretKey }));
  io.out(`Stored in ${await secrets.nameOf(id)}. Functions use it within five minutes, new ones at once.`);
  return EXIT.fine;
};

const tryKey = async (kind: KeyKind, key: ApiKey, baseUrl: string): Promise<Verdict[]> => {
  const session = openSession({
    baseUrl,
    credentials: () => Promise.resolve(key),
    clock: systemClock,
    exchangeClock: createExchangeClock(systemClock.now),
  });
  try {
    return await checkKey(kind, createAccountInfo(session), { deadline: systemClock.now() + PATIENCE });
  } finally {
    await session.close();
  }
};

const setToken = async (strategy: string, options: WebhookOptions, io: Io): Promise<number> => {
  const secrets = await secretsAt(options, io);
  const name = strategy.trim();
  const stored = await secrets.read('WebhookTokens');
  const changed =
    options.dropOld && !options.rotate
      ? dropOldToken(stored, name)
      : makeToken(stored, name, options.rotate ?? false);
  if ('refusal' in changed) {
    io.err(changed.refusal);
    return EXIT.wrong;
  }
  await secrets.write('WebhookTokens', JSON.stringify(changed.tokens));
  if (changed.token === undefined) {
    io.out(`Strategy ${name} has one token now; the older one stops working within five minutes.`);
    return EXIT.fine;
  }
  const run = options.url === undefined ? await findLocalRun(io) : undefined;
  const url = options.url ?? (run && `${run.url}/webhook`) ?? "the stack's output WebhookUrl";
  io.err('The token is shown this once. Paste into the alert of your charting tool:');
  io.out(`Webhook URL  ${url}`);
  io.out('Message');
  io.out(alertTemplate(name, changed.token));
  if (options.rotate)
    io.err(
      `The old token goes on working. When all alerts have the new one: npm run keys -- webhook ${name} --drop-old`,
    );
  return EXIT.fine;
};

if (import.meta.main) await runAsProcess(keys);
