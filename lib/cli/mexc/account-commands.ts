import { type Command, Option } from 'commander';
import {
  type ProfitAsked,
  type Range,
  showBalances,
  showPositions,
  showProfit,
  showStatus,
} from './account.ts';
import { adopt } from './control.ts';
import { example, type Run } from './order-commands.ts';

interface AdoptOptions {
  readonly cost?: string;
  readonly id?: string;
  readonly reason: string;
  readonly yes?: boolean;
}

/** What reads the account and the positions. */
export const addAccountCommands = (program: Command, run: Run): void => {
  program.commandsGroup('Account:');
  program
    .command('status')
    .description('modes, unsettled orders, account value, results of today, positions')
    .addHelpText('after', example('status'))
    .action(() => run(showStatus));
  const positions = program
    .command('positions')
    .description('what each strategy holds')
    .addHelpText('after', example('positions', 'positions adopt --help'))
    .action(() => run(showPositions));
  positions
    .command('adopt')
    .description('put coins that lie on the account into the position of a strategy (admin token)')
    .argument('<strategy>')
    .argument('<symbol>', 'e.g. SOLUSDT')
    .argument('<quantity>', 'base')
    .option('--cost <quote>', 'what they cost in all; free by default')
    .option('--id <id>', 'the same one adopts once, however often it is sent')
    .requiredOption('--reason <text>', 'why; it is kept and shown')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      example('positions adopt ema-cross SOLUSDT 1.5 --cost 213.6 --reason "bought by hand"'),
    )
    .action((strategy: string, symbol: string, quantity: string, options: AdoptOptions) =>
      run((session) => adopt({ strategy, symbol, quantity, ...options }, session)),
    );
  program
    .command('balances')
    .description('the newest snapshot by asset; with a range, a line per snapshot')
    .option('--from <time>', 'e.g. 2026-11-01')
    .option('--to <time>', 'now by default')
    .addHelpText('after', example('balances --from 2026-11-01'))
    .action((range: Range) => run((session) => showBalances(range, session)));
  program
    .command('profit')
    .description('results by day, strategy or symbol, of the last 30 days by default')
    .addOption(
      new Option('--by <what>', 'what to sum by').choices(['day', 'strategy', 'symbol']).default('day'),
    )
    .option('--from <time>', 'e.g. 2026-11-01')
    .option('--to <time>', 'now by default')
    .addHelpText('after', example('profit --by strategy --from 2026-01-01'))
    .action((asked: ProfitAsked) => run((session) => showProfit(asked, session)));
};
