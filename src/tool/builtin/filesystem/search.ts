import { join } from 'node:path'
import { z } from 'zod'
import { InvalidError } from '../../../errors.ts'
import { decodeText, encodingNote, isDecoded } from '../../../lib/encoding/encoding.ts'
import { createMatcher } from '../../../template/regex/match.ts'
import { isClosedToReads, type RealRoots, realRoots, resolveToRead } from '../../roots.ts'
import { defineTool, type ToolContext } from '../../tool.ts'
import { textEncodingInput } from './file-text.ts'
import { walkFolder } from './list.ts'
import { MAX_FILE_BYTES, pathInput, throwIfCancelled, withPathErrors } from './path.ts'
import { findEntry, readFileBytes } from './read.ts'

/** Bounds of one search. `text` is the characters of a line that come back. */
const SEARCH_LIMITS = { bytes: 256 * 1024 * 1024, steps: 50_000_000, text: 500, sniffed: 8192 } as const

const input = z.strictObject({
  path: pathInput.default('.'),
  pattern: z.string().min(1).max(500).default('**/*'),
  text: z.string().min(1).max(1000).optional(),
  regex: z.string().min(1).max(1000).optional(),
  ignore_case: z.boolean().default(false),
  max_results: z.int().min(1).max(5000).default(200),
  encoding: textEncodingInput,
})
type Search = z.infer<typeof input>

const match = z.object({
  path: z.string(),
  line: z.int(),
  text: z.string(),
  truncated: z.literal(true).exactOptional(),
})
type Match = z.infer<typeof match>

/**
 * `filesystem:search`: the lines that hold a text, or match a regular expression, in the files that a glob chooses.
 * Files that are not text are left out. `complete` is false where there are more results, or more bytes, than one
 * search may have. A line that is longer than a result may be is `truncated`.
 */
export const searchTool = defineTool({
  name: 'filesystem:search',
  description: 'Finds a text or a pattern in files, with line numbers',
  input,
  output: z.object({ matches: z.array(match), count: z.int(), files: z.int(), complete: z.boolean() }),
  paths: ['path'],
  effect: 'pure',
  execute: (search, context) =>
    withPathErrors(search.path, async () => {
      const matches: Match[] = []
      const fits = matcherOf(search)
      let [files, bytes] = [0, 0]
      const roots = await realRoots(context)
      for (const path of await filesOf(search, context, roots)) {
        throwIfCancelled(context.signal)
        const content = await readFileBytes(path, context, roots)
        files += 1
        bytes += content.length
        if (bytes > SEARCH_LIMITS.bytes) return { matches, count: matches.length, files, complete: false }
        for (const found of matchesIn(path, textIn(path, content, search.encoding, context), fits)) {
          if (matches.length === search.max_results) return { matches, count: matches.length, files, complete: false }
          matches.push(found)
        }
      }
      return { matches, count: matches.length, files, complete: true }
    }),
})

function matcherOf({ text, regex, ignore_case: ignoresCase }: Search): (line: string) => boolean {
  if ((text === undefined) === (regex === undefined))
    throw new InvalidError('Expected text or regex.', { place: { path: 'text' } })
  if (regex !== undefined) return createMatcher(ignoresCase ? `(?i)${regex}` : regex, SEARCH_LIMITS.steps)
  if (!ignoresCase) return (line) => line.includes(text!)
  const lower = text!.toLowerCase()
  return (line) => line.toLowerCase().includes(lower)
}

async function filesOf({ path, pattern }: Search, context: ToolContext, roots: RealRoots): Promise<readonly string[]> {
  const real = await resolveToRead(path, context, roots)
  if ((await findEntry(real))?.isFile()) return [path]
  const found = await walkFolder(real, path, pattern, context.signal)
  const entries = await Promise.all(found.map((way) => findEntry(join(real, way))))
  return found
    .filter((way, at) => isSearched(entries[at]) && !isClosedToReads(join(real, way), roots))
    .map((way) => join(path, way))
    .sort()
}

const isSearched = (entry: Awaited<ReturnType<typeof findEntry>>) =>
  entry?.isFile() === true && entry.size <= MAX_FILE_BYTES

/** The text of a file; empty if it holds none. The result lists a text that cannot be read as a loss. */
function textIn(path: string, content: Buffer, encoding: string | undefined, context: ToolContext): string {
  const read = decodeText(content, encoding)
  if (!isDecoded(read)) {
    if (read.line !== undefined) context.tell?.({ lacks: `${path} was not searched: it ${read.fault}` })
    return ''
  }
  const note = encodingNote(path, read)
  if (note !== undefined) context.tell?.({ warning: note })
  // a file of text holds no NUL
  return read.text.slice(0, SEARCH_LIMITS.sniffed).includes('\0') ? '' : read.text
}

function* matchesIn(path: string, content: string, fits: (line: string) => boolean): Generator<Match> {
  for (const [index, line] of content.split('\n').entries()) {
    if (!fits(line)) continue
    const whole = line.replace(/\r$/, '')
    const text = whole.slice(0, SEARCH_LIMITS.text)
    yield { path, line: index + 1, text, ...(text.length < whole.length && { truncated: true as const }) }
  }
}
