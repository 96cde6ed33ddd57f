import Libsql from 'libsql'

/**
 * What an embedded store can do at all: one prepared upsert of a 256-byte row per update, one small row per step of a run, all that
 * is pending in one transaction. No messages, no ids, no actors. The engine's figures are shown as a share of this one's, so this
 * file is not changed: ratios of different days stay comparable.
 */
export type Ceiling = {
  /** Adds one to the total of a key; resolves with it when it is durable. */
  update(key: string): Promise<number>
  /** Stores the output of a step of a run; resolves when it is durable. */
  step(run: string, n: number, output: number): Promise<void>
  /** rows written, and in how many transactions */
  readonly counts: { rows: number; commits: number }
  close(): void
}

type Pending = { readonly statement: Libsql.Statement; readonly row: readonly unknown[]; readonly resolve: () => void }

const ROW = 256

/** Opens a new file. FULL: an update survives power loss. NORMAL: it survives the process only. */
export function openCeiling(path: string, synchronous: 'FULL' | 'NORMAL' = 'FULL'): Ceiling {
  const database = openFile(path, synchronous)
  const item = database.prepare('insert into item values(?, ?) on conflict(key) do update set state=excluded.state')
  const step = database.prepare(
    'insert into step values(?, ?, ?) on conflict(run, n) do update set output=excluded.output',
  )
  const totals = new Map<string, number>()
  const counts = { rows: 0, commits: 0 }
  const commit = createCommit(database)
  let pending: Pending[] = []

  // whatever comes while one transaction is written goes into the next
  function write(statement: Libsql.Statement, row: readonly unknown[]): Promise<void> {
    return new Promise((resolve) => {
      if (pending.push({ statement, row, resolve }) === 1) setImmediate(flush)
    })
  }

  function flush(): void {
    const batch = pending
    pending = []
    commit(batch)
    counts.commits++
    counts.rows += batch.length
    for (const { resolve } of batch) resolve()
  }

  return {
    async update(key) {
      const total = (totals.get(key) ?? 0) + 1
      totals.set(key, total)
      await write(item, [key, String(total).padEnd(ROW - key.length)])
      return total
    },
    step: (run, n, output) => write(step, [run, n, JSON.stringify(output)]),
    counts,
    close: () => database.close(),
  }
}

function openFile(path: string, synchronous: 'FULL' | 'NORMAL'): Libsql.Database {
  const database = new Libsql(path)
  database.exec('pragma journal_mode=WAL')
  database.exec(`pragma synchronous=${synchronous}`)
  // each in the layout that was the faster one for it
  database.exec('create table item(key text primary key, state text not null)')
  database.exec('create table step(run text, n integer, output text not null, primary key(run, n)) without rowid')
  return database
}

function createCommit(database: Libsql.Database): (batch: readonly Pending[]) => void {
  const begin = database.prepare('begin immediate')
  const end = database.prepare('commit')
  const run = ({ statement, row }: Pending) => statement.run(row)
  return (batch) => {
    // a statement alone is a transaction of its own
    if (batch.length === 1) {
      run(batch[0]!)
      return
    }
    begin.run([])
    batch.forEach(run)
    end.run([])
  }
}
