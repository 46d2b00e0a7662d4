import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { readBody, sendJson } from './http.ts';
import { httpEvent, sendResult } from './http-event.ts';
import type { LambdaService } from './lambda-service.ts';
import type { RouteModel } from './stack-model.ts';

const MOST_BYTES = 10_485_760;
/** What an HTTP API waits for a function at most. */
const INTEGRATION_MILLISECONDS = 30_000;

interface Match {
  readonly route: RouteModel;
  readonly pathParameters: Record<string, string>;
}

/** Serves the routes of the template's HTTP API. Its throttling is left out: it guards a bill, and here is none. */
export const httpRoutes = (routes: readonly RouteModel[], lambda: Pick<LambdaService, 'invoke'>) => {
  const match = routeMatcher(routes);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://local.invalid');
    const found = match(request.method ?? 'GET', url.pathname);
    if (!found) return sendJson(response, 404, { message: 'Not Found' });
    const body = await readBody(request, MOST_BYTES);
    if (!body) return sendJson(response, 413, { message: 'Request Entity Too Large' });

    const { route, pathParameters } = found;
    const event = httpEvent(request, { routeKey: route.routeKey, pathParameters, url, body });
    const enough = new AbortController();
    const outcome = await Promise.race([
      lambda.invoke(route.functionName, JSON.stringify(event)),
      wait(INTEGRATION_MILLISECONDS, 'late' as const, { signal: enough.signal, ref: false }),
    ]);
    enough.abort();
    sendResult(response, outcome);
  };
};

/** Finds the most specific route: literal segments before parameters before a greedy one before `$default`. */
const routeMatcher = (routes: readonly RouteModel[]) => {
  const patterns = routes.map((route) => {
    const [method = '', path = ''] =
      route.routeKey === '$default' ? ['ANY', '/{proxy+}'] : route.routeKey.split(' ');
    const expression = path.replaceAll(
      /\{(\w+)(\+?)\}|([^{]+)/g,
      (_whole, name: string | undefined, greedy: string, literal: string) =>
        name ? `(?<${name}>${greedy ? '.*' : '[^/]+'})` : literal.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&'),
    );
    const rank =
      (path.match(/\{/g) ?? []).length + (path.includes('+}') ? 100 : 0) + (method === 'ANY' ? 0.5 : 0);
    return { route, method, pattern: new RegExp(`^${expression}$`), rank };
  });
  patterns.sort((left, right) => left.rank - right.rank);

  return (method: string, path: string): Match | undefined => {
    for (const candidate of patterns) {
      const found =
        candidate.method === method || candidate.method === 'ANY' ? candidate.pattern.exec(path) : null;
      if (!found) continue;
      const parameters = Object.entries(found.groups ?? {}).map(([name, text]) => [name, decode(text)]);
      return { route: candidate.route, pathParameters: Object.fromEntries(parameters) };
    }
    return undefined;
  };
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
