import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { arnOf } from './aws.ts';
import { type Outcome, type RuntimeProcess, type RuntimeSpec, startRuntime } from './runtime-process.ts';

/** As many at once as a new AWS account allows in all. */
const MOST_PROCESSES = 10;
/** Processes that start at once: more would only take the cores from those that could work already. */
const MOST_STARTING = availableParallelism();
const IDLE_MILLISECONDS = 300_000;

export interface RuntimePool {
  /** Runs the function once; waits in line while all processes are busy. Undefined: `notAfter` passed in that line. */
  invoke(payload: string, notAfter?: number): Promise<Outcome | undefined>;
  /** Starts a process ahead of the first request. */
  warm(): void;
  /** Invocations that wait or run. */
  busy(): number;
  /** Ids of the processes that run an invocation right now. */
  working(): readonly number[];
  close(): Promise<void>;
}

interface Waiting {
  readonly payload: string;
  readonly notAfter: number;
  readonly settle: (outcome: Outcome | undefined) => void;
}

interface Member {
  process?: RuntimeProcess;
  /** Since when it has nothing to do; undefined while starting or working. */
  idleSince?: number | undefined;
}

/** The processes of one function: one per concurrent request, at most ten, kept warm between requests. */
export const createPool = (spec: RuntimeSpec, onLine: (line: string) => void): RuntimePool => {
  const members = new Set<Member>();
  const line: Waiting[] = [];
  const working = new Set<RuntimeProcess>();
  let starting = 0;
  let closed = false;

  const start = async (): Promise<void> => {
    const member: Member = {};
    members.add(member);
    starting += 1;
    let started = false;
    const begun = () => {
      if (!started) starting -= 1;
      started = true;
    };
    member.process = await startRuntime(spec, {
      onLine,
      onIdle: () => {
        begun();
        member.idleSince = Date.now();
        advance();
      },
      onInitFailure: (outcome) => {
        begun();
        if (line.length === 0 && !closed) onLine(outcome.payload);
        line.shift()?.settle(outcome);
      },
      onGone: () => {
        begun();
        members.delete(member);
        if (!closed) advance();
      },
    });
    if (closed) await member.process.kill();
  };

  /** The process that worked last: the others may then be let go. */
  const idleMember = (): Member | undefined => {
    let latest: Member | undefined;
    for (const member of members) {
      if (member.process && member.idleSince !== undefined && member.idleSince >= (latest?.idleSince ?? 0))
        latest = member;
    }
    return latest;
  };

  const advance = (): void => {
    while (line.length > 0 && (line[0]?.notAfter ?? 0) < Date.now()) line.shift()?.settle(undefined);
    for (let member = idleMember(); member && line.length > 0; member = idleMember()) {
      const waiting = line.shift();
      if (waiting && member.process) void run(member, member.process, waiting);
    }
    while (!closed && line.length > starting && starting < MOST_STARTING && members.size < MOST_PROCESSES)
      void start();
  };

  const run = async (
    member: Member,
    process: RuntimeProcess,
    { payload, settle }: Waiting,
  ): Promise<void> => {
    member.idleSince = undefined;
    working.add(process);
    const functionArn = arnOf('lambda', `function:${spec.name}`);
    const outcome = await process.invoke({ requestId: randomUUID(), functionArn, payload });
    working.delete(process);
    settle(outcome);
  };

  const reaper = setInterval(() => {
    for (const member of members) {
      if (member.idleSince !== undefined && Date.now() - member.idleSince > IDLE_MILLISECONDS) {
        member.idleSince = undefined;
        void member.process?.kill();
      }
    }
  }, 30_000).unref();

  return {
    invoke: (payload, notAfter = Number.POSITIVE_INFINITY) =>
      new Promise((settle) => {
        line.push({ payload, notAfter, settle });
        advance();
      }),
    warm: () => {
      if (members.size === 0) void start();
    },
    busy: () => line.length + working.size,
    working: () => [...working].flatMap(({ pid }) => pid ?? []),
    close: async () => {
      closed = true;
      clearInterval(reaper);
      await Promise.all([...members].map((member) => member.process?.kill()));
    },
  };
};
