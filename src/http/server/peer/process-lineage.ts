import { readdir, readFile, stat } from 'node:fs/promises'
import { isCommandGroup } from '../../../lib/process/group.ts'
import { fileLockLimit } from '../../../sandbox/process/guard.ts'

/** The origin of a process, as /proc reports it; `start`: its start time, in ticks. */
type Facts = { readonly parent: number; readonly group: number; readonly session: number; readonly start: string }

async function factsOf(pid: number): Promise<Facts | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  if (text === '') return undefined
  // a name may contain any character
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [, parent, group, session] = fields.map(Number)
  return { parent: parent!, group: group!, session: session!, start: fields[19]! }
}

/** The start time of a process, which tells it from a later one with its id; undefined: there is none. */
export const startOf = async (pid: number): Promise<string | undefined> => (await factsOf(pid))?.start

/** The processes that a socket refuses: those that tools started, or all that this process started. */
export type Closed = 'to tools' | 'to all below'

/**
 * Whether a tool started a process: it has the mark of tools, or belongs to the
 * group of a command. `to all below`: also if it, its group or its session descends
 * from this process, like processes of plugins. This process itself does not count.
 */
export async function isOfTool(pid: number, closed: Closed): Promise<boolean> {
  if (pid === process.pid) return false
  const facts = await factsOf(pid)
  if (!facts || (await isMarked(pid))) return true
  const leaders = [...new Set([pid, facts.group, facts.session])]
  if (leaders.some(isCommandGroup)) return true
  if (closed === 'to tools') return false
  for (const leader of leaders) if (await isBelow(leader)) return true
  return false
}

async function isMarked(pid: number): Promise<boolean> {
  const [limit = 0, own = 0] = await Promise.all([fileLockLimit(pid), fileLockLimit('self')])
  return limit < own
}

async function isBelow(pid: number): Promise<boolean> {
  for (let at = pid; at > 1; ) {
    const parent = (await factsOf(at))?.parent ?? 0
    if (parent === process.pid) return true
    at = parent
  }
  return false
}

export async function holdsOpen(pid: number, file: { readonly dev: bigint; readonly ino: bigint }): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const found = await stat(`${folder}/${name}`, { bigint: true }).catch(() => undefined)
    if (found?.dev === file.dev && found.ino === file.ino) return true
  }
  return false
}
