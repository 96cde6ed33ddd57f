import { rmSync } from 'node:fs'
import Libsql from 'libsql'
import { parseExact } from '../../../kernel/json.ts'
import type { ActorIndex } from '../../../kernel/types.ts'
import { getOrInsert } from '../../../lib/collections/get-or-insert.ts'
import { createPrivateFile } from '../../../store/files/private.ts'
import type { RunCounts } from '../documents.ts'
import { isSet, type RunCountsQuery, type RunsQuery } from '../port.ts'

/** A run in the table: its fields in lists, and what filters compare. */
export type RunRow = {
  readonly id: string
  readonly startedAt: number
  readonly status: string
  readonly owner: string
  readonly name: string
  readonly isTop: boolean
  /** the code of its error, if it has failed */
  readonly code?: string | undefined
  readonly cost?: number | undefined
  /** the text that is searched, in lower case */
  readonly text: string
  readonly index: ActorIndex
}

/** A place in the list, newest first: the run with this start and id. */
type ListPlace = { readonly at: number; readonly key: string }

type ListedRow = { readonly id: string; readonly at: number; readonly fields: string }
type Condition = readonly [sql: string, ...values: (string | number)[]]

/** Rows that one statement looks at. Others work between two statements. */
const WINDOW = 10_000

// it is made anew by each process, so it needs no log and no sync; erased rows leave no bytes
const SCHEMA = `
  pragma journal_mode=off; pragma synchronous=off; pragma secure_delete=on; pragma locking_mode=exclusive;
  create table run(
    id text unique, started_at int, status text, owner text, name text, is_top int, code text, cost real, text text,
    fields text
  );
  create index newest on run(started_at desc, id);
  create index counted on run(status, is_top, owner, started_at);
`

/** The table of runs in a file of its own. It holds nothing that the cells of the runs do not hold. */
export class RunRows {
  readonly #path: string
  readonly #database: Libsql.Database
  readonly #statements = new Map<string, Libsql.Statement>()

  constructor(path: string) {
    this.#path = path
    rmSync(path, { force: true })
    createPrivateFile(path)
    this.#database = new Libsql(path)
    this.#database.exec(SCHEMA)
  }

  /** Writes rows, and removes the runs that are gone. */
  write(rows: readonly RunRow[], gone: readonly string[] = []): void {
    this.#database.exec('begin')
    for (const id of gone) this.#prepare('delete from run where id = ?').run([id])
    const put = this.#prepare('insert or replace into run values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    for (const { id, startedAt, status, owner, name, isTop, code, cost, text, index } of rows)
      put.run([
        id,
        startedAt,
        status,
        owner,
        name,
        Number(isTop),
        code ?? null,
        cost ?? null,
        text,
        JSON.stringify(index),
      ])
    this.#database.exec('commit')
  }

  /** The numbers of runs that have ended, by status. */
  ended(query: RunCountsQuery): Pick<RunCounts, 'completed' | 'failed' | 'cancelled'> {
    const { sql, values } = joined([...conditionsOf(query), ...timesOf(query)])
    const from = 'select status, count(*) n from run indexed by counted'
    const rows = this.#all<{ status: string; n: number }>(`${from} where ${sql} group by status`, values)
    const count = (status: string) => rows.find((row) => row.status === status)?.n ?? 0
    return { completed: count('completed'), failed: count('failed'), cancelled: count('cancelled') }
  }

  /** Pages of the runs that a query picks, newest first. A page may be empty. */
  *pages(
    query: RunsQuery,
    from: ListPlace | undefined,
    limit: number,
  ): Generator<readonly (readonly [string, ActorIndex])[]> {
    const { since = 0, until = Number.MAX_SAFE_INTEGER } = query
    const { sql, values } = joined(conditionsOf(query))
    let { at, key } = from ?? { at: until, key: '' }
    for (;;) {
      const end = this.#endOfWindow(at)
      const rows = this.#all<ListedRow>(
        `select id, started_at at, fields from run indexed by newest where started_at between ? and ?
         and (started_at < ? or id > ?) and ${sql} order by started_at desc, id limit ?`,
        [Math.max(since, end ?? 0), at, at, key, ...values, limit],
      )
      yield rows.map(({ id, fields }) => [id, parseExact(fields) as ActorIndex] as const)
      const last = rows.length === limit ? rows.at(-1) : undefined
      if (last) [at, key] = [last.at, last.id]
      else if (end === undefined || end <= since) return
      else [at, key] = [end - 1, '']
    }
  }

  /** The start of the last run that one statement looks at; undefined: all that are left. */
  #endOfWindow(at: number): number | undefined {
    const sql = 'select started_at at from run where started_at <= ? order by started_at desc limit 1 offset ?'
    return this.#all<{ at: number }>(sql, [at, WINDOW])[0]?.at
  }

  #all<Row>(sql: string, values: readonly (string | number)[]): readonly Row[] {
    return this.#prepare(sql).all([...values]) as Row[]
  }

  #prepare(sql: string): Libsql.Statement {
    return getOrInsert(this.#statements, sql, () => this.#database.prepare(sql))
  }

  /** Closes the file and removes it. */
  remove(): void {
    this.#database.close()
    rmSync(this.#path, { force: true })
  }
}

function conditionsOf({ owner, status, name, text, error, cost, top }: RunsQuery): readonly Condition[] {
  return [
    ...(owner === undefined ? [] : [['owner = ?', owner] as const]),
    ...statusCondition(error === undefined ? status : 'failed'),
    ...(name === undefined ? [] : [['name = ?', name] as const]),
    ...(error === undefined ? [] : [['code = ?', error] as const]),
    ...(cost === undefined ? [] : [['cost >= ?', cost] as const]),
    ...(isSet(top) ? [['is_top = 1'] as const] : []),
    ...(text === undefined ? [] : [['instr(text, ?) > 0', text.toLowerCase()] as const]),
  ]
}

/** A run that waits may be stored as one that is at work: only its steps tell. */
function statusCondition(status: string | undefined): readonly Condition[] {
  if (status === undefined) return []
  if (status === 'waiting' || status === 'open') return [[`status in ('running', 'waiting')`]]
  return [['status = ?', status]]
}

const timesOf = ({ since, until }: RunCountsQuery): readonly Condition[] => [
  ...(since === undefined ? [] : [['started_at >= ?', since] as const]),
  ...(until === undefined ? [] : [['started_at <= ?', until] as const]),
]

function joined(conditions: readonly Condition[]) {
  return {
    sql: conditions.map(([sql]) => sql).join(' and ') || 'true',
    values: conditions.flatMap(([, ...values]) => values),
  }
}
