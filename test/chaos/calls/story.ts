import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FIXTURE, linesIn } from '../../tool/mcp/bench.ts'
import type { Kill } from '../flush/database.ts'
import { isKilled } from '../killed.ts'
import { callsIn, fileLog, LEDGER } from '../kinds/log.ts'
import { type ActName, flushesIn, type Life, live, SETTINGS } from './life.ts'

/** A folder for each story, with tools and servers that write down what they do; they go together. */
export function openFolders() {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-calls-'))
  let count = 0
  return {
    /** A folder with what another one holds, or an empty one. */
    make(other?: string): string {
      const folder = join(base, `folder-${count++}`)
      if (other === undefined) mkdirSync(folder)
      else cpSync(other, folder, { recursive: true })
      settle(folder)
      return folder
    },
    close: () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }),
  }
}

const PIDS = 'pids'

/** `stubborn`: the servers start programs that only SIGKILL ends, and write their ids down. */
function settle(folder: string, stubborn = false): void {
  const env = { LOG: join(folder, 'log'), ...(stubborn && { PIDS: join(folder, PIDS) }) }
  const server = { command: process.execPath, args: [FIXTURE], env }
  const settings = {
    plugins: [join(import.meta.dirname, '../kinds/plugin.ts')],
    roots: ['.'],
    mcpServers: { fix: server, again: { ...server, effects: 'idempotent' } },
  }
  // JSON is YAML
  writeFileSync(join(folder, SETTINGS), JSON.stringify(settings))
}

/** What a user does in a process that is killed there, which may be nowhere. */
export async function killIn(folder: string, act: ActName, kill: Kill): Promise<boolean> {
  settle(folder, true)
  const killed = await isKilled(join(import.meta.dirname, 'child.ts'), { folder, act, kill } satisfies Life, 30_000)
  settle(folder)
  return killed
}

/** Every flush of an act, before and after it: how many there are is known by one process that nobody kills. */
export async function killsOf(folder: string, act: ActName): Promise<readonly Kill[]> {
  const before = flushesIn(folder)
  await live({ folder, act })
  const flushes = Array.from({ length: flushesIn(folder) - before }, (_, index) => index + 1)
  return flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
}

/** The keys of all calls of the tool `post` that began. */
export const postsIn = (folder: string): readonly string[] =>
  callsIn(fileLog(join(folder, LEDGER)).read()).flatMap(({ word, key }) => (word === 'start' ? [key] : []))

/** The keys under which a server was called, by the line it was to note. */
export function notesIn(folder: string): { readonly [line: string]: readonly string[] } {
  const notes = linesIn(join(folder, 'log')).map((line) => line.split(' ') as [string, string])
  return Object.fromEntries(
    ['once', 'kept'].map((line) => [line, notes.flatMap(([noted, key]) => (noted === line ? [key] : []))]),
  )
}

/** The processes that servers of a killed process started. */
export const processesOf = (folder: string): readonly number[] => linesIn(join(folder, PIDS)).map(Number)
