import { openSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

/** The replacement of a descriptor in a child; see hiddenDescriptors. */
export type Descriptor = 'ignore' | number

let nothing: number | undefined

/**
 * The entries of `stdio` from 3 on, in which /dev/null replaces every file that children of this process would inherit. Node.js cannot
 * close such a file for one child only. Empty except on Linux.
 */
export async function hiddenDescriptors(): Promise<readonly Descriptor[]> {
  const names = await readdir('/proc/self/fd').catch(() => [])
  const inherited = (await Promise.all(names.filter((name) => Number(name) > 2).map(isInherited))).flat()
  if (inherited.length === 0) return []
  nothing ??= openSync('/dev/null', 'r')
  const entries: Descriptor[] = Array(Math.max(...inherited) - 2).fill('ignore')
  for (const number of inherited) entries[number - 3] = nothing
  return entries
}

const CLOSE_ON_EXEC = 0o2000000

async function isInherited(name: string): Promise<number[]> {
  const info = await readFile(`/proc/self/fdinfo/${name}`, 'latin1').catch(() => '')
  const [, flags] = /^flags:\s*(\d+)$/m.exec(info) ?? []
  return flags === undefined || Number.parseInt(flags, 8) & CLOSE_ON_EXEC ? [] : [Number(name)]
}
