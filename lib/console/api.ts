const KEY = 'mexc-read-token';

/** The API answered, and not with what was asked for. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.error?.message ?? body.message ?? `The API answered with status ${status}.`);
    this.status = status;
    this.body = body;
  }

  /** The message with every problem by its path. */
  get sentences(): readonly string[] {
    const details = this.body.error?.details ?? [];
    return [this.message, ...details.map(({ path, message }) => `${path}: ${message}`)];
  }
}

interface ErrorBody {
  readonly message?: string;
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
    readonly details?: readonly { readonly path: string; readonly message: string }[];
  };
}

/** Longest that one answer is waited for, ms: a halt waits for what is under way. */
const PATIENCE = 29_000;

/** The read token of this tab; it goes with the tab. */
export const session = {
  token: (): string | undefined => sessionStorage.getItem(KEY) ?? undefined,
  begin: (token: string): void => sessionStorage.setItem(KEY, token),
  end: (): void => sessionStorage.removeItem(KEY),
};

const request = async <Body>(path: string, init: RequestInit): Promise<Body> => {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE), ...init });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError(0, { message: late ? 'No answer in 29 s.' : 'The API cannot be reached.' });
  }
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ApiError(response.status, { message: `Status ${response.status}, and no JSON.` });
  }
  if (!response.ok) throw new ApiError(response.status, asError(body));
  return body as Body;
};

const asError = (body: unknown): ErrorBody => (typeof body === 'object' && body !== null ? body : {});

/** `GET` with the read token. @param query `undefined` values are left out */
export const get = <Body>(
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
  token = session.token(),
): Promise<Body> => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  const all = parameters.toString();
  return request(all === '' ? path : `${path}?${all}`, {
    headers: { authorization: `Bearer ${token ?? ''}` },
  });
};

/** `PUT /control` with an admin token that nobody keeps. */
export const putControl = (body: Readonly<Record<string, unknown>>, token: string): Promise<ControlAnswer> =>
  request('control', {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

interface ControlAnswer {
  readonly message?: string;
}

/** `POST /webhook`, as an alerting tool sends it. */
export const postAlert = (alert: Readonly<Record<string, unknown>>): Promise<AlertAnswer> =>
  request('webhook', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alert),
  });

interface AlertAnswer {
  readonly id: string;
  readonly state: string;
  readonly reason?: string;
}
