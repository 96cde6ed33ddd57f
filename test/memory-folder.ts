import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
const NAME = 'antiphon-tests-'
/** Bytes that the memory and the machine have free at least: a run of all tests needs a tenth of it. */
const MIN_FREE = 4 * 1024 ** 3

/**
 * A folder in memory for the files of tests, which wait for the disk a third of their time; undefined where there is
 * none, where it is small, or where no program runs in it. A TMPDIR of the caller stays.
 */
export function memoryFolder(): string | undefined {
  if (process.env.TMPDIR !== undefined || process.platform !== 'linux') return undefined
  try {
    const options = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === MEMORY)
    const { bavail, bsize } = statfsSync(MEMORY)
    const [, available = '0'] = /MemAvailable:\s+(\d+) kB/.exec(readFileSync('/proc/meminfo', 'utf8')) ?? []
    const isFit = options !== undefined && !options.includes('noexec')
    return isFit && Math.min(bavail * bsize, Number(available) * 1024) >= MIN_FREE
      ? join(MEMORY, `${NAME}${process.pid}`)
      : undefined
  } catch {
    // without these files there is no such folder
    return undefined
  }
}

/** Makes the folder, for each project again, and removes it at the end with those of runs that were killed. */
export default function makeMemoryFolder(): (() => void) | undefined {
  const folder = memoryFolder()
  if (folder === undefined) return undefined
  for (const name of readdirSync(MEMORY))
    if (name.startsWith(NAME) && !isAlive(Number(name.slice(NAME.length)))) remove(join(MEMORY, name))
  mkdirSync(folder, { recursive: true })
  return () => remove(folder)
}

const remove = (folder: string) => rmSync(folder, { recursive: true, force: true })

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
