import { setTimeout as sleep } from 'node:timers/promises'
import { AntiphonError, is } from '../../../errors.ts'
import type { QueryRow } from '../client/client.ts'

/** Queries a Restate server at its admin address. No answer is an error at once: an operator does not want to wait. */
export interface Admin {
  readonly url: string
  get<Answer>(path: string): Promise<Answer>
  query(sql: string): Promise<readonly QueryRow[]>
  /** Resolves with the HTTP status. */
  patch(path: string): Promise<number>
}

const ADMIN_TIMEOUT_MS = 15_000

// while a partition moves between servers, a query over all partitions fails for a moment
const MAX_ATTEMPTS = 5
const RETRY_DELAY_MS = 300

type Rows = { readonly rows: readonly QueryRow[] }

export function openAdmin(url: string): Admin {
  async function ask(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const signal = AbortSignal.timeout(ADMIN_TIMEOUT_MS)
    const sent = { method, headers, signal, ...(body !== undefined && { body: JSON.stringify(body) }) }
    return fetch(`${url}${path}`, sent).catch((cause: unknown) => {
      throw new AntiphonError(`The Restate server at ${url} does not answer.`, { code: 'unreachable', cause })
    })
  }

  async function read<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await ask(method, path, body)
    if (response.ok) return (await response.json()) as Answer
    const said = await response.text()
    throw new AntiphonError(`The Restate server at ${url} answered ${response.status}: ${said}`, { code: 'restate' })
  }

  return {
    url,
    get: (path) => read('GET', path),
    async query(sql) {
      for (let left = MAX_ATTEMPTS; ; left--) {
        const answer = await read<Rows>('POST', '/query', { query: sql }).catch((error: unknown) => {
          if (left === 0 || !is(error) || error.code !== 'restate') throw error
        })
        if (answer) return answer.rows
        await sleep(RETRY_DELAY_MS)
      }
    },
    async patch(path) {
      const response = await ask('PATCH', path)
      await response.body?.cancel()
      return response.status
    },
  }
}
