export interface Problem {
  status: number;
  code: string;
  detail: string;
  field: string | null;
  retryAfterSeconds: number | null;
  /** Everything else the answer holds. */
  more: Record<string, unknown>;
}

export type Answer<T> =
  | { ok: true; status: number; body: T }
  | { ok: false; problem: Problem }
  | { ok: "unreachable" };

interface Request {
  method?: "GET" | "POST";
  body?: unknown;
  headers?: Record<string, string>;
  language?: string;
  timeoutMs?: number;
}

/** One JSON request. A refusal is a value, and so is a server that cannot be reached. */
export async function ask<T>(url: string, request: Request = {}): Promise<Answer<T>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), request.timeoutMs ?? 10_000);
  try {
    const response = await fetch(url, {
      method: request.method ?? "GET",
      credentials: "same-origin",
      signal: abort.signal,
      headers: {
        accept: "application/json",
        ...(request.body === undefined ? {} : { "content-type": "application/json" }),
        ...(request.language ? { "accept-language": request.language } : {}),
        ...request.headers,
      },
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
    });
    if (response.ok) {
      const text = await response.text();
      return { ok: true, status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
    }
    return { ok: false, problem: await readProblem(response) };
  } catch {
    return { ok: "unreachable" };
  } finally {
    clearTimeout(timer);
  }
}

async function readProblem(response: Response): Promise<Problem> {
  const body: Partial<Problem> & Record<string, unknown> = await response.json().catch(() => ({}));
  const retryAfter = Number(response.headers.get("retry-after"));
  return {
    status: response.status,
    code: body.code ?? (response.status >= 500 ? "UNAVAILABLE" : `HTTP_${response.status}`),
    detail: body.detail ?? "",
    field: body.field ?? null,
    retryAfterSeconds: retryAfter > 0 ? retryAfter : null,
    more: body,
  };
}
