import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import Libsql from 'libsql'
import { percentile } from './load.ts'

/** What was measured on, and with what. */
export type Machine = {
  readonly system: string
  readonly processor: string
  readonly cores: number
  readonly node: string
  /** version of the package, and of the SQLite in it */
  readonly libsql: string
  readonly sqlite: string
  readonly synchronous: 'FULL'
  /** ms of one fdatasync of 4 KiB appended to a file where the databases lie */
  readonly sync: { readonly p50: number; readonly p99: number }
  /** ms of the p99 of the loop's delay while nothing happens: the floor of what can be seen */
  readonly delay: number
}

/** Looks at the machine; `folder` is where the databases will lie. */
export async function probeMachine(folder: string): Promise<Machine> {
  return {
    system: `${process.platform} ${release()}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    libsql: libsqlVersion(),
    sqlite: sqliteVersion(),
    synchronous: 'FULL',
    sync: measureSync(join(folder, 'sync')),
    delay: await measureDelay(),
  }
}

function libsqlVersion(): string {
  const path = new URL('package.json', import.meta.resolve('libsql'))
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version
}

function sqliteVersion(): string {
  const database = new Libsql(':memory:')
  const { version } = database.prepare('select sqlite_version() version').get([]) as { version: string }
  database.close()
  return version
}

function measureSync(path: string): Machine['sync'] {
  const file = openSync(path, 'w')
  const page = Buffer.alloc(4096, 1)
  const times = Array.from({ length: 200 }, () => {
    writeSync(file, page)
    const start = performance.now()
    fdatasyncSync(file)
    return performance.now() - start
  }).sort((a, b) => a - b)
  closeSync(file)
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

async function measureDelay(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await sleep(200)
  delay.disable()
  return delay.percentile(99) / 1e6
}
