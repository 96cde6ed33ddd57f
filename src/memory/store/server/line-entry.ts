import { setTimeout as pause } from 'node:timers/promises'
import { type MessagePort, workerData } from 'node:worker_threads'
import type { Client, LibsqlBatchError, LibsqlError } from '@libsql/client/http'
import { InvalidError, is, problemOf, RetryableError, TerminalError } from '../../../errors.ts'
import { missingPackage } from '../../../lib/package/manifest.ts'
import type { SqlValue } from '../connection.ts'
import type { ServerAddress, ServerReply, ServerRequest } from './line.ts'

/** ms: a request without an answer is given up, and sent again after each pause. */
const REQUEST_TIMEOUT = 10_000
const PAUSES = [20, 100, 400, 1_500]
/** ms from the first attempt on: no other one begins later. */
const LAST_ATTEMPT = 15_000

type Given = { readonly server: ServerAddress; readonly port: MessagePort; readonly answers: Int32Array }
const { server, port, answers } = workerData as Given
const SERVER = `The libSQL server of memory at ${URL.parse(server.url)?.host}`

let client: Promise<Client> | undefined

port.on('message', async (request: ServerRequest) => {
  port.postMessage(await answer(request))
  Atomics.add(answers, 0, 1)
  Atomics.notify(answers, 0)
})

async function answer(request: ServerRequest): Promise<ServerReply> {
  const begun = Date.now()
  for (let attempt = 0; ; attempt++)
    try {
      client ??= connect(server)
      return { type: 'rows', rows: await perform(await client, request) }
    } catch (thrown) {
      if (request.type === 'write' && isRefused(thrown)) return { type: 'refused' }
      const error = errorIn(thrown)
      const delay = PAUSES[attempt]
      if (!is(error, 'RetryableError') || delay === undefined || Date.now() - begun > LAST_ATTEMPT)
        return { type: 'failed', problem: problemOf(error) }
      await pause(delay)
    }
}

async function perform(client: Client, request: ServerRequest): Promise<readonly (readonly object[])[]> {
  if (request.type === 'script') {
    await client.executeMultiple(request.sql)
    return []
  }
  const statements = request.statements.map(([sql, values]) => ({ sql, args: values.map(encode) }))
  const results = await client.batch(statements, request.type === 'write' ? 'write' : 'deferred')
  return results.map(({ columns, rows }) =>
    rows.map((row) => Object.fromEntries(columns.map((column, place) => [column, row[place]]))),
  )
}

/** The protocol sends each number as a real one, and each bigint as an integer. */
const encode = (value: SqlValue) => (Number.isInteger(value) ? BigInt(value as number) : value)

async function connect({ url, token }: ServerAddress): Promise<Client> {
  const { createClient } = await import('@libsql/client/http').catch((cause) => {
    throw new InvalidError(
      '`memory: { url }` in antiphon.yaml needs the package @libsql/client.',
      missingPackage('@libsql/client', cause),
    )
  })
  return createClient({ url, ...(token !== undefined && { authToken: token }), fetch: send, intMode: 'number' })
}

/** An answer that says nothing of the statements is an error of ours: its text never has the token. */
async function send(request: Request): Promise<Response> {
  const response = await fetch(request, { signal: AbortSignal.timeout(REQUEST_TIMEOUT), redirect: 'error' })
  const { status } = response
  if (response.ok) return response
  await response.body?.cancel()
  if (status >= 500 || status === 429 || status === 408) throw unreachable(`status ${status}`)
  throw new TerminalError(`${SERVER} refuses the request with status ${status}.`, {
    code: 'memory_refused',
    hint:
      status === 401 || status === 403
        ? 'Check the secret that `memory: { token }` names.'
        : 'Check `memory: { url }`.',
  })
}

const unreachable = (why: string) =>
  new RetryableError(`${SERVER} does not answer (${why}).`, {
    code: 'memory_unreachable',
    hint: 'Try again. A write that fails like this may be done: `antiphon memory log` shows it.',
  })

const codeOf = (thrown: unknown) => String((thrown as Partial<LibsqlError>).code ?? '')

const isRefused = (thrown: unknown) =>
  (thrown as Partial<LibsqlBatchError>).statementIndex === 0 && codeOf(thrown).startsWith('SQLITE_CONSTRAINT')

/** Codes of the server for a transaction that had to wait for too long. It was not done. */
const WAITED = new Set(['SQLITE_BUSY', 'TRANSACTION_BUSY', 'TRANSACTION_TIMEOUT'])

function errorIn(thrown: unknown): Error {
  if (is(thrown)) return thrown
  const { name, message, cause } = thrown as Error
  if (WAITED.has(codeOf(thrown))) return unreachable('it is busy')
  if (name === 'LibsqlError' || name === 'LibsqlBatchError')
    return new TerminalError(`${SERVER} answered: ${message}`, { code: 'storage' })
  // of fetch: the connection, the timeout, an answer that was cut off
  return unreachable(codeOf(cause) || (name === 'TimeoutError' ? 'timeout' : message))
}
