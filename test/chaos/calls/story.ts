import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { FIXTURE, linesIn } from '../../tool/mcp/bench.ts'
import type { Kill } from '../flush/database.ts'
import { isKilled } from '../killed.ts'
import { callsIn, fileLog, LEDGER } from '../kinds/log.ts'
import { type ActName, CHILDREN, flushesIn, type Life, live, SETTINGS, SLOW } from './life.ts'

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

/** Kills the process while it runs foreign code, which is slow there; `hasCome` tells when. */
export async function killWhen(folder: string, act: ActName, hasCome: () => boolean): Promise<void> {
  writeFileSync(join(folder, SLOW), '')
  const child = spawn(process.execPath, [join(import.meta.dirname, 'child.ts'), JSON.stringify({ folder, act })])
  while (child.exitCode === null && !hasCome()) await setTimeout(20)
  const ended = once(child, 'close')
  child.kill('SIGKILL')
  await ended
}

/** Every seventh side of a flush is enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 7 : 1

/**
 * Flushes of an act, before and after them: how many there are is known by one process that nobody kills. The first is among them, before
 * which nothing was done. Another process may have them at other moments; `results` are texts of the flushes that bring results, which are
 * lost then in any case.
 */
export async function killsOf(folder: string, act: ActName, ...results: readonly string[]): Promise<readonly Kill[]> {
  const before = flushesIn(folder)
  await live({ folder, act })
  const flushes = Array.from({ length: flushesIn(folder) - before }, (_, index) => index + 1)
  const sides = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  const chosen = sides.filter((_, place) => place === 0 || place % STRIDE === STRIDE - 1)
  return [...chosen, ...results.map((flush) => ({ side: 'before', flush }) as const)]
}

/** Whether each life comes to this flush. How many there are differs from life to life: those at the end may not come. */
export const comesAlways = ({ flush }: Kill): boolean => flush === 1 || typeof flush === 'string'

/** The keys of all calls of the tool `post` that began. */
export const postsIn = (folder: string): readonly string[] =>
  callsIn(fileLog(join(folder, LEDGER)).read()).flatMap(({ word, key }) => (word === 'start' ? [key] : []))

/** How often each call of the tools of the table began, by its word and key. */
export function beginsIn(folder: string): { readonly [word: string]: { readonly [key: string]: number } } {
  const begins: { [word: string]: { [key: string]: number } } = {}
  for (const { word, key, label } of callsIn(fileLog(join(folder, LEDGER)).read())) {
    if (word !== 'start') continue
    const keys = (begins[label.split(' ').at(-1)!] ??= {})
    keys[key] = (keys[key] ?? 0) + 1
  }
  return begins
}

/** The processes of a folder that were killed. */
export const childrenOf = (folder: string): readonly number[] => linesIn(join(folder, CHILDREN)).map(Number)

/** The keys under which a server was called, by the line it was to note. */
export function notesIn(folder: string): { readonly [line: string]: readonly string[] } {
  const notes = linesIn(join(folder, 'log')).map((line) => line.split(' ') as [string, string])
  return Object.fromEntries(
    ['once', 'kept', 'job'].map((line) => [line, notes.flatMap(([noted, key]) => (noted === line ? [key] : []))]),
  )
}

/** The processes that servers of a killed process started. */
export const processesOf = (folder: string): readonly number[] => linesIn(join(folder, PIDS)).map(Number)
