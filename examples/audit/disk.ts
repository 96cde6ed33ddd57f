import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { DiskFacts } from './facts.ts'
import { audited, ledger } from './ledger.ts'
import { folder, locatePackage, packagePath } from './place.ts'

/** Adds up the apparent size of a package's files: not its folders, not its links, not the packages nested in it. */
export const disk = audited({
  name: 'disk',
  description: 'Measures the apparent size in bytes of a package, without the packages nested in it.',
  effect: 'pure',
  input: z.strictObject({ folder, path: packagePath, ledger }),
  async execute(input, context): Promise<DiskFacts> {
    return { path: input.path, ...(await measure(locatePackage(input, context), context.signal)) }
  },
})

const AT_ONCE = 32

async function measure(directory: string, signal: AbortSignal): Promise<{ bytes: number; files: number }> {
  const total = { bytes: 0, files: 0 }
  const folders = [directory]
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    const entries = await readdir(path, { withFileTypes: true })
    const isNested = (name: string) => path === directory && name === 'node_modules'
    for (const entry of entries) {
      if (entry.isDirectory() && !isNested(entry.name)) folders.push(join(path, entry.name))
    }
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(path ?? '', name))
    total.bytes += await sumOfSizes(files, signal)
    total.files += files.length
  }
  return total
}

async function sumOfSizes(files: readonly string[], signal: AbortSignal): Promise<number> {
  let sum = 0
  for (let at = 0; at < files.length; at += AT_ONCE) {
    signal.throwIfAborted()
    const stats = await Promise.all(files.slice(at, at + AT_ONCE).map((file) => lstat(file)))
    for (const { size } of stats) sum += size
  }
  return sum
}
