import type { Command } from 'commander';
import { type Change, changeModes } from './control.ts';
import { example, type Run } from './order-commands.ts';

interface ControlOptions {
  readonly reason: string;
  readonly strategy?: readonly string[];
  readonly cancelAll?: boolean;
  readonly wait?: boolean;
  readonly yes?: boolean;
}

const COMMANDS: Readonly<Record<Change, { readonly does: string; readonly shown: string }>> = {
  halt: {
    does: 'refuse every alert but cancel, from the moment this returns',
    shown: 'halt --cancel-all --reason "exchange maintenance"',
  },
  resume: {
    does: 'let alerts through again',
    shown: 'resume --strategy ema-cross --reason "checked by hand"',
  },
  'reduce-only': {
    does: 'let only those alerts through that make positions smaller',
    shown: 'reduce-only --reason "before the weekend" --yes',
  },
  flatten: {
    does: 'cancel open orders, sell all positions, then halt',
    shown: 'flatten --strategy ema-cross --wait --reason "the strategy is wrong"',
  },
};

/** What changes modes; the admin token is MEXC_ADMIN_TOKEN, that of the local run, or asked for. */
export const addControlCommands = (program: Command, run: Run): void => {
  program.commandsGroup('Control (admin token):');
  const names = Object.keys(COMMANDS).filter((name): name is Change => name in COMMANDS);
  for (const change of names) {
    const { does, shown } = COMMANDS[change];
    const command = program
      .command(change)
      .description(does)
      .requiredOption('--reason <text>', 'why; it is kept and shown')
      .option('--strategy <names...>', 'these alone; by default all, those to come included')
      .option('--yes', 'do not ask');
    if (change === 'halt') command.option('--cancel-all', 'cancel the open orders too');
    if (change === 'halt' || change === 'flatten') command.option('--wait', 'until nothing is left to do');
    command.addHelpText('after', example(shown)).action((options: ControlOptions) => {
      const { strategy: strategies, ...rest } = options;
      return run((session) => changeModes(change, { ...rest, ...(strategies && { strategies }) }, session));
    });
  }
};
