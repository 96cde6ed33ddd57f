import type { Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InvalidError, TerminalError } from '../../../errors.ts'
import { isSimplePattern, matcherOf, SIMPLE_PATTERNS } from '../../../lib/glob.ts'
import { resolveToRead } from '../../roots.ts'
import { defineTool } from '../../tool.ts'
import { pathInput, throwIfCancelled, withPathErrors } from './path.ts'
import { entryType, entryTypeOf, findEntry } from './read.ts'

/** Limits of a call: entries visited, entries returned, depth. */
const LIST_LIMITS = { seen: 100_000, items: 5000, depth: 64 } as const

const item = z.object({ name: z.string(), path: z.string(), type: entryType, size: z.int() })
type Item = z.infer<typeof item>

/** `filesystem:list`: lists a folder by a pattern. One with `**` or `/` descends, but never through links. */
export const listTool = defineTool({
  name: 'filesystem:list',
  description: 'Lists a folder, optionally filtered by a pattern such as *.md or **/*.ts',
  input: z.object({ path: pathInput.default('.'), pattern: z.string().min(1).max(500).optional() }),
  output: z.object({ action: z.literal('list'), path: z.string(), items: z.array(item), count: z.int() }),
  paths: ['path'],
  effect: 'pure',
  execute: ({ path, pattern }, context) =>
    withPathErrors(path, async () => {
      const folder = await resolveToRead(path, context)
      const found = await walkFolder(folder, path, pattern, context.signal)
      const items = (await Array.fromAsync(found.sort(), (way) => describe(folder, path, way))).flat()
      return { action: 'list' as const, path, items, count: items.length }
    }),
})

/** The entries of a folder, and those below it that a pattern means, by their paths there. `too_large` for too many. */
export async function walkFolder(
  folder: string,
  path: string,
  pattern: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  if (pattern !== undefined && !isSimplePattern(pattern))
    throw new InvalidError('pattern: this pattern is too complex.', { hint: SIMPLE_PATTERNS })
  const fits = pattern === undefined ? () => true : matcherOf(pattern)
  const found: string[] = []
  const open = ['']
  let seen = 0
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for await (const entry of await opendir(join(folder, at))) {
      throwIfCancelled(signal)
      const way = join(at, entry.name)
      if (fits(way)) found.push(way)
      if (goesInto(entry, way, pattern)) open.push(way)
      if (++seen > LIST_LIMITS.seen || found.length > LIST_LIMITS.items) throw tooMany(path)
    }
  }
  return found
}

function goesInto(entry: Dirent, way: string, pattern = ''): boolean {
  if (!entry.isDirectory() || (entry.name.startsWith('.') && !/(^|\/)\./.test(pattern))) return false
  const depth = pattern.includes('**') ? LIST_LIMITS.depth : pattern.split('/').length
  return way.split('/').length < depth
}

function tooMany(path: string): TerminalError {
  return new TerminalError(`Too many files (list a folder below, or by a narrower pattern): ${path}`, {
    code: 'too_large',
  })
}

// entries deleted in the meantime are left out
async function describe(folder: string, path: string, way: string): Promise<readonly Item[]> {
  const entry = await findEntry(join(folder, way))
  return entry
    ? [{ name: way.split('/').at(-1)!, path: join(path, way), type: entryTypeOf(entry), size: entry.size }]
    : []
}
