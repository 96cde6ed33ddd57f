import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import Libsql from 'libsql'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { libsqlEngine } from '../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/tables/schema.ts'
import type { Database } from '../../src/store/database/database.ts'
import { openDatabase } from '../../src/store/database/open.ts'
import { openWriter } from '../../src/store/database/writer.ts'
import { counter } from './counter.ts'

let path: string
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-fence-'))
  path = join(folder, 'engine.db')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

type WriterPlace = 'thread' | 'main'

async function open(writer: WriterPlace): Promise<Database> {
  const database = await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL', writer })
  onTestFinished(() => database.close())
  return database
}

/** Resolves with the number written, or rejects with why it could not be. */
function write(database: Database, seq: number, rows?: Parameters<Database['write']>[0]['rows']): Promise<number> {
  return new Promise((resolve, reject) => {
    database.onWritten(resolve)
    database.onFailed(reject)
    database.write({ seq, log: '{}', ...(rows && { rows }) })
  })
}

const ONE = { kind: 'counter', key: 'one' }

describe.each(['thread', 'main'] as const)('a writer in its %s', (place) => {
  test('is refused once another has opened the file, with rows and without', async () => {
    const first = await open(place)
    expect(await write(first, 1)).toBe(1)
    const second = await open(place)
    await expect(write(first, 2)).rejects.toMatchObject({ code: 'fenced', terminal: true })
    await expect(write(first, 2, [['marker', [[1]]]])).rejects.toMatchObject({ code: 'fenced' })
    // and what it tried is not there, nor is the file kept from the other
    expect(await write(second, 2, [['marker', [[2]]]])).toBe(2)
    expect(second.all('select seq from log order by seq')).toEqual([{ seq: 1 }, { seq: 2 }])
    expect(second.all(`select value from meta where name = 'checkpoint'`)).toEqual([{ value: 2 }])
  })

  test('makes its engine stop for that reason, and nothing later is acknowledged', async () => {
    const failures: unknown[] = []
    const loser = libsqlEngine({ actors: [counter], database: await open(place), onFailed: (e) => failures.push(e) })
    expect(await loser.ask(ONE, { add: 1 })).toBe(1)
    const winner = libsqlEngine({ actors: [counter], database: await open(place) })
    await expect(loser.ask(ONE, { add: 1 })).rejects.toMatchObject({ code: 'fenced' })
    await expect(loser.tell(ONE, { add: 1 })).rejects.toMatchObject({ code: 'fenced' })
    expect(failures).toMatchObject([{ code: 'fenced' }])
    expect(await winner.ask(ONE, { add: 1 })).toBe(2)
    await loser.stop()
    await winner.stop()
  })

  test('is refused when it was paused under load and wakes up after a takeover', async () => {
    for (let round = 1; round <= 4; round++) {
      const paused = pausedOwner(place)
      await paused.reached(20 + 13 * round)
      const engine = await takeOver(paused)
      const taken = (await engine.ask(ONE, { add: 1 })) as number
      paused.child.kill('SIGCONT')
      expect(await paused.ended).toBe('ended fenced fenced')
      // the last thing it did may be durable without its having heard of it; what it heard of is
      expect(paused.acked()).toBeLessThan(taken)
      expect(paused.acked()).toBeGreaterThanOrEqual(taken - 2)
      expect(await engine.ask(ONE, { add: 1 })).toBe(taken + 1)
      await engine.stop()
      expect(integrity()).toBe('ok')
    }
  })
})

test('a writer that moves to another thread takes the file back from nobody', async () => {
  const options = { path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL' } as const
  const opened = (epoch?: number) => {
    const writer = openWriter({ ...options, ...(epoch !== undefined && { epoch }) })
    onTestFinished(() => writer.close())
    return writer
  }
  const first = opened()
  first.write({ seq: 1, log: '{}' })
  const moved = opened(first.epoch)
  moved.write({ seq: 2, log: '{}' })
  const winner = opened()
  const late = opened(first.epoch)
  for (const loser of [first, moved, late]) expect(() => loser.write({ seq: 9, log: '{}' })).toThrow(/has taken/)
  winner.write({ seq: 3, log: '{}' })
})

function pausedOwner(place: WriterPlace) {
  const child = spawn(process.execPath, [new URL('paused-owner.ts', import.meta.url).pathname, path, place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let acked = 0
  let begun: number | undefined
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('ended')) end(line)
    else acked = Number(line.slice('acked '.length))
    begun ??= acked
    for (const check of waiting) check()
  })
  /** Resolves when it has been acknowledged that much in this life. */
  const reached = (count: number) =>
    new Promise<void>((resolve) => {
      const check = () => begun !== undefined && acked - begun >= count && resolve()
      waiting.add(check)
      check()
    })
  return { child, ended, acked: () => acked, reached }
}

/** Pauses the owner and opens the file, unless it was caught in the middle of a write: then it is let go on a little first. */
async function takeOver({ child }: ReturnType<typeof pausedOwner>) {
  for (;;) {
    child.kill('SIGSTOP')
    while (isRunning(child.pid!)) await sleep(1)
    if (isFree()) return libsqlEngine({ actors: [counter], database: await open('main') })
    child.kill('SIGCONT')
    await sleep(1)
  }
}

/** A signal takes a moment to arrive. */
function isRunning(pid: number): boolean {
  return existsSync('/proc/self') && !/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/** The owner holds a lock of the file: that of its writer, or one that it holds for a moment while it looks into the log. */
const NOT_NOW = ['SQLITE_BUSY', 'SQLITE_PROTOCOL']

function isFree(): boolean {
  const database = new Libsql(path, { timeout: 0 })
  try {
    database.exec('begin immediate')
    database.exec('rollback')
    return true
  } catch (error) {
    if (NOT_NOW.includes((error as { code: string }).code)) return false
    throw error
  } finally {
    database.close()
  }
}

function integrity(): string {
  const database = new Libsql(path)
  const [row] = database.prepare('pragma integrity_check').all([]) as { integrity_check: string }[]
  database.close()
  return row!.integrity_check
}
