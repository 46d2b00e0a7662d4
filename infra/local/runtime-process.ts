import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { readBody } from './http.ts';
import { listenLocally } from './ports.ts';
import { own } from './processes.ts';

const SHIM = fileURLToPath(new URL('ric-shim.cjs', import.meta.url));
const RIC = fileURLToPath(import.meta.resolve('aws-lambda-ric'));
/** Lambda gives ten seconds on a machine of its own; here a dozen may start on the same two cores. */
const INIT_MILLISECONDS = 30_000;
const MOST_RESPONSE_BYTES = 6_291_556;

export interface RuntimeSpec {
  readonly name: string;
  readonly memorySize: number;
  readonly timeoutSeconds: number;
  /** Everything the function sees. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: string;
}

/** What an invocation came to; `error` is Lambda's X-Amz-Function-Error. */
export interface Outcome {
  readonly payload: string;
  readonly error?: 'Unhandled';
}

const failure = (requestId: string, errorType: string, message: string): Outcome => ({
  error: 'Unhandled',
  payload: JSON.stringify({
    errorType,
    errorMessage: requestId ? `RequestId: ${requestId} Error: ${message}` : message,
  }),
});

export interface RuntimeEvents {
  /** The process has loaded the handler, or has answered, and asks for work. */
  onIdle(): void;
  /** It failed before it ever asked. */
  onInitFailure(outcome: Outcome): void;
  /** It is gone, after whatever it was working on was answered. */
  onGone(): void;
  onLine(line: string): void;
}

export interface RuntimeProcess {
  readonly pid: number | undefined;
  /** Only after `onIdle`, one at a time. */
  invoke(invocation: Invocation): Promise<Outcome>;
  kill(): Promise<void>;
}

interface Work {
  readonly invocation: Invocation;
  readonly finish: (outcome: Outcome) => void;
}

/**
 * One execution environment: AWS's runtime client in a process of its own, served by a Runtime API of its own, so that
 * a request on it can only come from this process. A timeout kills it, as Lambda does; the next call then starts cold.
 */
export const startRuntime = async (spec: RuntimeSpec, events: RuntimeEvents): Promise<RuntimeProcess> => {
  let initialized = false;
  let asking: ServerResponse | undefined;
  let work: Work | undefined;

  const finish = (outcome: Outcome): void => {
    const { finish: report } = work ?? {};
    work = undefined;
    report?.(outcome);
  };
  const failInit = (outcome: Outcome): void => {
    if (initialized) return;
    initialized = true;
    events.onInitFailure(outcome);
  };

  const api = await listenLocally(async (request: IncomingMessage, response: ServerResponse) => {
    const [action = '', id = ''] = (request.url ?? '').split('/').reverse();
    const report = await readBody(request, MOST_RESPONSE_BYTES);
    if (action === 'next') {
      initialized = true;
      asking = response;
      events.onIdle();
      return;
    }
    response.writeHead(202).end();
    if (action === 'error' && id === 'init')
      failInit({ error: 'Unhandled', payload: report?.toString('utf8') ?? '' });
    if (id !== work?.invocation.requestId) return;
    if (!report) {
      finish(
        failure(
          '',
          'Function.ResponseSizeTooLarge',
          `Response payload size exceeded maximum allowed payload size (${MOST_RESPONSE_BYTES} bytes).`,
        ),
      );
    } else {
      finish({ payload: report.toString('utf8'), ...(action === 'error' && { error: 'Unhandled' }) });
    }
  });

  const heap = `--max-old-space-size=${spec.memorySize}`;
  const child = own(process.execPath, [heap, '--require', SHIM, RIC], {
    env: { ...spec.environment, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${api.port}` },
    ...(spec.environment.LAMBDA_TASK_ROOT && { cwd: spec.environment.LAMBDA_TASK_ROOT }),
    onLine: events.onLine,
  });
  const initTimer = setTimeout(() => {
    if (initialized) return;
    failInit(failure('', 'Sandbox.Timedout', `Init timed out after ${INIT_MILLISECONDS / 1000} seconds`));
    void child.kill();
  }, INIT_MILLISECONDS);

  void child.gone.then(async (how) => {
    clearTimeout(initTimer);
    const message =
      how === 'exit status 0'
        ? 'Runtime exited without providing a reason'
        : `Runtime exited with error: ${how}`;
    failInit(failure('', 'Runtime.ExitError', message));
    if (work) finish(failure(work.invocation.requestId, 'Runtime.ExitError', message));
    await api.close();
    events.onGone();
  });

  return {
    pid: child.pid,
    invoke: (invocation) => {
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      const timer = setTimeout(() => {
        finish(
          failure(
            invocation.requestId,
            'Sandbox.Timedout',
            `Task timed out after ${spec.timeoutSeconds.toFixed(2)} seconds`,
          ),
        );
        void child.kill();
      }, spec.timeoutSeconds * 1000);
      work = {
        invocation,
        finish: (outcome) => {
          clearTimeout(timer);
          resolve(outcome);
        },
      };
      asking?.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': invocation.requestId,
        'lambda-runtime-deadline-ms': String(Date.now() + spec.timeoutSeconds * 1000),
        'lambda-runtime-invoked-function-arn': invocation.functionArn,
        'lambda-runtime-trace-id': `Root=1-${invocation.requestId.slice(0, 8)}-${invocation.requestId.replaceAll('-', '').slice(8)};Sampled=0`,
      });
      asking?.end(invocation.payload);
      asking = undefined;
      return promise;
    },
    kill: child.kill,
  };
};
