import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ownPrefix, removeAbandonedCgroups } from './abandoned.ts'
import type { LimitName, SandboxLimits } from './sandbox.ts'

/** A cgroup of Linux that bounds the memory and the processes of one sandbox. */
interface Cgroup {
  /** a process that writes its id to each of these files is bounded, with all processes that it starts */
  readonly joins: readonly string[]
  /** The limit that the kernel enforced by ending a process or refusing one. */
  exceeded(): Promise<LimitName | undefined>
  remove(): Promise<void>
}

let numbered = 0

/** Makes a cgroup that counts files in memory: version 2 where delegated, 1 for root; undefined if neither works. */
export async function createCgroup(limits: SandboxLimits): Promise<Cgroup | undefined> {
  if (process.platform !== 'linux') return undefined
  const name = `${await ownPrefix()}-${++numbered}`
  const own = await ownCgroups()
  return (await makeV2(own.get(''), name, limits)) ?? makeV1(own, name, limits)
}

/** The cgroup of this process by controller; that of version 2 has no controller in its name. */
async function ownCgroups(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile('/proc/self/cgroup', 'utf8').catch(() => '')
  const lines = text.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
  return new Map(lines.flatMap((match) => (match ? match[1]!.split(',').map((one) => [one, match[2]!] as const) : [])))
}

/** Beside the cgroup of this process: one that holds processes cannot hand its controllers down. */
async function makeV2(own: string | undefined, name: string, limits: SandboxLimits): Promise<Cgroup | undefined> {
  if (own === undefined) return undefined
  const above = join('/sys/fs/cgroup', own, '..')
  const controllers = await readFile(join(above, 'cgroup.subtree_control'), 'utf8').catch(() => '')
  if (!['memory', 'pids'].every((one) => controllers.split(/\s+/).includes(one))) return undefined
  await removeAbandonedCgroups(above)
  const folder = join(above, name)
  const made = await prepare(folder, {
    'memory.max': limits.memory + limits.disk,
    'memory.swap.max?': 0,
    'memory.oom.group?': 1,
    'pids.max': limits.processes,
  })
  if (!made) return undefined
  return {
    joins: [join(folder, 'cgroup.procs')],
    async exceeded() {
      if (await countIn(join(folder, 'memory.events'), 'oom_kill')) return 'memory'
      return (await countIn(join(folder, 'pids.events'), 'max')) ? 'processes' : undefined
    },
    remove: () => removeEmpty(folder),
  }
}

async function makeV1(own: ReadonlyMap<string, string>, name: string, limits: SandboxLimits) {
  const [memory, pids] = [placeOf('memory', own, name), placeOf('pids', own, name)]
  if (memory === undefined || pids === undefined) return undefined
  await Promise.all([memory, pids].map((folder) => removeAbandonedCgroups(join(folder, '..'))))
  const made =
    (await prepare(memory, {
      'memory.limit_in_bytes': limits.memory + limits.disk,
      'memory.memsw.limit_in_bytes?': limits.memory + limits.disk,
    })) && (await prepare(pids, { 'pids.max': limits.processes }))
  if (!made) {
    await Promise.all([memory, pids].map(removeEmpty))
    return undefined
  }
  return {
    joins: [memory, pids].map((folder) => join(folder, 'cgroup.procs')),
    async exceeded(): Promise<LimitName | undefined> {
      if (await countIn(join(memory, 'memory.oom_control'), 'oom_kill')) return 'memory'
      return (await countIn(join(pids, 'pids.events'), 'max')) ? 'processes' : undefined
    },
    async remove() {
      await Promise.all([memory, pids].map(removeEmpty))
    },
  }
}

const placeOf = (controller: string, own: ReadonlyMap<string, string>, name: string) => {
  const path = own.get(controller)
  return path === undefined ? undefined : join('/sys/fs/cgroup', controller, path, name)
}

/** Makes the folder and writes its limits; those with `?` may be absent. False if that fails: nothing is left. */
async function prepare(folder: string, limits: { readonly [file: string]: number }): Promise<boolean> {
  try {
    await mkdir(folder)
  } catch {
    return false
  }
  for (const [file, value] of Object.entries(limits)) {
    const isOptional = file.endsWith('?')
    const wrote = await writeFile(join(folder, file.replace('?', '')), String(value)).then(
      () => true,
      () => isOptional,
    )
    if (!wrote) {
      await removeEmpty(folder)
      return false
    }
  }
  return true
}

async function countIn(file: string, word: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return Number(new RegExp(`^${word} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

const REMOVE_ATTEMPTS = 50

// the kernel releases the last process a moment after it has ended
async function removeEmpty(folder: string): Promise<void> {
  for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt++) {
    const error = await rmdir(folder).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    )
    if (error?.code !== 'EBUSY') return
    await setTimeout(10)
  }
}
