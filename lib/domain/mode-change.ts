import * as z from 'zod';
import type { Lane } from './lane.ts';
import type { CallOptions } from './ports.ts';
import { Changed, type Command, Mode, type Strategy } from './strategy.ts';

/** Mode that new strategies start with. Item `default` of `Control`. */
export const DefaultMode = z.object({
  mode: Mode.default('ACTIVE'),
  /** Counts the loosenings, as a strategy's does. */
  epoch: z.int().default(0),
  changed: Changed.optional(),
});
export type DefaultMode = z.infer<typeof DefaultMode>;

/** One order of the operator's to strategies: a mode, a command, or both. */
export interface ModeChange {
  /** Random, new with every request; also the id of the command that it starts. */
  readonly id: string;
  /** Local epoch ms. */
  readonly at: number;
  readonly reason: string;
  /** Absent: the mode stays, as far as the command does not change it. */
  readonly mode?: Mode;
  readonly command?: Command['kind'];
}

/** What a change makes of a record; `inFlight` and the counters are never touched. */
export interface Outcome {
  readonly mode: Mode;
  /** Whether the change lets orders pass that were held back before, of whatever kind. */
  readonly loosens: boolean;
  readonly changed: Changed;
  /** `keep`: as it is. `none`: a running flatten ends here. */
  readonly flatten: { readonly set: string } | 'keep' | 'none';
  readonly command: { readonly set: Command } | 'keep' | 'none';
  /** The orders to be cancelled: those in flight at this very moment, as before, or no longer. */
  readonly cancelling: 'in flight' | 'keep' | 'none';
  /** Re-arming is the operator's word that an order beyond its reservation was seen. */
  readonly overrun: 'keep' | 'none';
}

/**
 * What a change does to a strategy (order protocol, section 10). A new mode ends a running flatten; a flatten that runs
 * already goes on under its own id, so that a repeat sells nothing twice; it cancels everything, so `cancelAll` adds nothing.
 */
export const outcomeOf = (
  before: Pick<Strategy, 'mode' | 'flatten' | 'command'>,
  change: ModeChange,
): Outcome => {
  const { id, at, reason } = change;
  const changedTo = (mode: Mode): Changed => ({ id, mode, reason, at, by: 'operator' });
  if (change.command === 'flatten') {
    const mode = before.mode === 'ACTIVE' ? 'REDUCE_ONLY' : before.mode;
    const runs = before.flatten !== undefined;
    return {
      mode,
      loosens: true,
      changed: changedTo(mode),
      flatten: runs ? 'keep' : { set: id },
      command: runs ? 'keep' : { set: { id, kind: 'flatten', reason, at } },
      cancelling: 'none',
      overrun: 'keep',
    };
  }
  const mode = change.mode ?? before.mode;
  // Once the mode is another, what is in flight is no flatten's business any more.
  const ends = change.mode !== undefined && before.command?.kind === 'flatten';
  const cancels = change.command === 'cancelAll' && (ends || before.flatten === undefined);
  return {
    mode,
    loosens: change.mode !== undefined && change.mode !== 'HALTED',
    changed: changedTo(mode),
    flatten: change.mode === undefined ? 'keep' : 'none',
    command: cancels ? { set: { id, kind: 'cancelAll', reason, at } } : ends ? 'none' : 'keep',
    cancelling: cancels ? 'in flight' : 'keep',
    overrun: change.mode === 'ACTIVE' ? 'none' : 'keep',
  };
};

/** Mode that a change for all sets for strategies to come: a flatten leaves nobody armed. */
export const defaultModeAfter = ({ mode, command }: ModeChange): Mode | undefined =>
  command === 'flatten' ? 'HALTED' : mode;

/** The operator's records. Every write is a single item's, and is repeated through conflicts and lost answers. */
export interface Modes {
  /** Names of all strategies that have a record. Like all reads here, strongly consistent and repeated until it holds. */
  names(options: CallOptions): Promise<readonly string[]>;
  read(strategy: string, options: CallOptions): Promise<Strategy | undefined>;
  readDefault(options: CallOptions): Promise<DefaultMode>;
  /**
   * Sets the mode that strategies to come start with. `superseded`: somebody else changed it meanwhile, and this change
   * would loosen what they set.
   * @throws StoreUnavailableError when no answer came in time: the write may have been applied, or may be later, though
   * never over a change that came after it
   */
  setDefault(mode: Mode, change: ModeChange, options: CallOptions): Promise<DefaultMode | 'superseded'>;
  /**
   * Carries a change out on one record, which exists. @returns the record as this write left it: no admission that the new
   * mode forbids commits after it, so its `inFlight` is complete. `superseded` and errors as above
   */
  change(strategy: string, change: ModeChange, options: CallOptions): Promise<Strategy | 'superseded'>;
  /**
   * REDUCE_ONLY, only over ACTIVE: what happens by itself never loosens, and once only for one cause, so that re-arming
   * by hand holds. `all`: strategies to come too.
   * @param cause.id names the cause, such as `loss/2026-11-22`
   * @returns the strategies that were changed
   */
  restrict(
    strategy: string | 'all',
    cause: { readonly id: string; readonly at: number; readonly reason: string },
    options: CallOptions,
  ): Promise<readonly string[]>;
  /** Marks a command as carried out, if it still runs; a flatten leaves the strategy HALTED. */
  end(
    strategy: string,
    command: Command,
    done: { readonly id: string; readonly at: number },
    options: CallOptions,
  ): Promise<void>;
  /** An empty lane of version 0 when none is stored. */
  lane(strategy: string, symbol: string, options: CallOptions): Promise<Lane>;
  /** Writes a lane over the version before. @returns false when somebody else wrote it first */
  saveLane(lane: Lane, options: CallOptions): Promise<boolean>;
}
