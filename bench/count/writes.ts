import { readFile } from 'node:fs/promises'
import { CALLS } from './trace.ts'

/** How often processes waited for the disk, and the bytes that they gave to files. */
export type Writes = { readonly syncs: number; readonly bytes: number }

/** What the processes did so far whose traces are these files. */
export async function readWrites(logs: readonly string[]): Promise<Writes> {
  const each = await Promise.all(logs.map(async (log) => countWrites(await readFile(log, 'utf8'))))
  const sum = (counter: keyof Writes) => each.reduce((total, one) => total + one[counter], 0)
  return { syncs: sum('syncs'), bytes: sum('bytes') }
}

/** Counts the calls of a trace that succeeded. Sockets, pipes and devices are no files. */
export function countWrites(trace: string): Writes {
  const begun = new Map<string, string>()
  let [syncs, bytes] = [0, 0]
  for (const line of trace.split('\n')) {
    const { id, text } = LINE.exec(line)?.groups ?? {}
    if (id === undefined || text === undefined) continue
    // a call that another thread interrupts has two lines
    if (text.endsWith(UNFINISHED)) {
      begun.set(id, text.slice(0, -UNFINISHED.length))
      continue
    }
    const call = RESUMED.test(text) ? `${begun.get(id)}${text.replace(RESUMED, '')}` : text
    const { name, path, result } = CALL.exec(call)?.groups ?? {}
    if (name === undefined || path === undefined) continue
    if (is(CALLS.syncs, name)) syncs++
    else if (is(CALLS.bytes, name) && isFile(path)) bytes += Number(result)
  }
  return { syncs, bytes }
}

/** Devices are no files; `/dev/shm` is a folder in memory. */
const isFile = (path: string) => !path.startsWith('/dev/') || path.startsWith('/dev/shm/')

const LINE = /^(?<id>\d+) +(?<text>.*)$/
const UNFINISHED = ' <unfinished ...>'
const RESUMED = /^<\.\.\. \w+ resumed>/
const CALL = /^(?<name>\w+)\(\d+<(?<path>\/[^>]*)>.*\) += (?<result>\d+)$/

const is = (names: readonly string[], name: string) => names.includes(name)
