import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import Libsql from 'libsql'

/** The fate of a request: done and answered, done without an answer, not done, done late, or answered with a status. */
export type Fate =
  | 'answer'
  | 'drop-answer'
  | 'drop'
  | { readonly after: Promise<unknown> }
  | { readonly delay: number }
  | { readonly status: number }

type Value = { type: 'null' } | { type: 'integer' | 'text'; value: string } | { type: 'float'; value: number } | Blob64
type Blob64 = { type: 'blob'; base64: string }
type Stmt = { sql?: string; sql_id?: number; args?: Value[] }
type Condition = { type: 'ok'; step: number } | { type: 'not'; cond: Condition }
type Step = { stmt: Stmt; condition?: Condition | null }
type Asked =
  | { type: 'execute'; stmt: Stmt }
  | { type: 'batch'; batch: { steps: Step[] } }
  | { type: 'sequence'; sql: string }
  | { type: 'store_sql'; sql_id: number; sql: string }
  | { type: 'close' }

/**
 * A double of a libSQL server: the Hrana protocol 2 over HTTP, as far as `@libsql/client/http` uses it, on a file. Each
 * request is a connection of its own. `fate` decides about each one.
 */
export async function startLibsqlServer(path: string, token?: string) {
  const database = new Libsql(path)
  const state = { fate: (_: string): Fate => 'answer', requests: 0, headers: [] as (string | undefined)[] }
  const server = createServer(async (request, response) => {
    const { requests } = (await json(request)) as { requests: Asked[] }
    state.requests++
    state.headers.push(request.headers.authorization)
    const text = JSON.stringify(requests)
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return response.writeHead(401).end(`no: ${request.headers.authorization}`)
    const fate = state.fate(text)
    if (fate === 'drop') return request.socket.destroy()
    if (typeof fate === 'object' && 'status' in fate) return response.writeHead(fate.status).end('something else')
    if (typeof fate === 'object') await ('after' in fate ? fate.after : pause(fate.delay))
    const results = perform(database, requests)
    if (fate === 'drop-answer') return request.socket.destroy()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ baton: null, base_url: null, results }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rows: (sql: string) => database.prepare(sql).all([]) as readonly Record<string, unknown>[],
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      database.close()
    },
  }
}

function perform(database: Libsql.Database, requests: readonly Asked[]): readonly object[] {
  const texts = new Map<number, string>()
  const run = ({ sql, sql_id, args = [] }: Stmt) => execute(database, sql ?? texts.get(sql_id!)!, args)
  const results = requests.map((asked) => {
    const ok = (more: object = {}) => ({ type: 'ok', response: { type: asked.type, ...more } })
    try {
      if (asked.type === 'store_sql') texts.set(asked.sql_id, asked.sql)
      else if (asked.type === 'sequence') database.exec(asked.sql)
      else if (asked.type === 'execute') return ok({ result: run(asked.stmt) })
      else if (asked.type === 'batch') return ok({ result: performBatch(asked.batch.steps, run) })
      return ok()
    } catch (error) {
      return { type: 'error', error: errorOf(error) }
    }
  })
  if (database.inTransaction) database.exec('rollback')
  return results
}

function performBatch(steps: readonly Step[], run: (stmt: Stmt) => object): object {
  const step_results: (object | null)[] = []
  const step_errors: (object | null)[] = []
  const holds = (condition: Condition): boolean =>
    condition.type === 'not' ? !holds(condition.cond) : step_results[condition.step] !== null
  for (const [place, { stmt, condition }] of steps.entries()) {
    step_results[place] = null
    step_errors[place] = null
    if (condition && !holds(condition)) continue
    try {
      step_results[place] = run(stmt)
    } catch (error) {
      step_errors[place] = errorOf(error)
    }
  }
  return { step_results, step_errors }
}

function execute(database: Libsql.Database, sql: string, args: readonly Value[]): object {
  const statement = database.prepare(sql)
  const values = args.map(decode)
  if (!statement.reader) {
    const { changes, lastInsertRowid } = statement.run(values)
    return { cols: [], rows: [], affected_row_count: changes, last_insert_rowid: String(lastInsertRowid) }
  }
  const cols = statement.columns().map(({ name }) => ({ name, decltype: null }))
  const rows = statement.raw().all(values) as readonly (readonly unknown[])[]
  return { cols, rows: rows.map((row) => row.map(encode)), affected_row_count: 0, last_insert_rowid: null }
}

function decode(value: Value): unknown {
  if (value.type === 'null') return null
  if (value.type === 'blob') return Buffer.from(value.base64, 'base64')
  return value.type === 'integer' ? BigInt(value.value) : value.value
}

function encode(value: unknown): Value {
  if (value === null) return { type: 'null' }
  if (typeof value === 'string') return { type: 'text', value }
  if (typeof value !== 'number') return { type: 'blob', base64: Buffer.from(value as ArrayBuffer).toString('base64') }
  return Number.isInteger(value) ? { type: 'integer', value: String(value) } : { type: 'float', value }
}

function errorOf(error: unknown): object {
  const { message, code } = error as { readonly message: string; readonly code?: string }
  // a server gives the first two words of the code
  return { message, code: code?.split('_').slice(0, 2).join('_') ?? 'SQL_ERROR' }
}
