import { createRequire } from 'node:module'
import { getHeapStatistics } from 'node:v8'
import type { Language as Grammar, Parser, Tree } from '@vscode/tree-sitter-wasm'
import { installCommand } from '../../lib/package/manifest.ts'
import type { Syntax } from './languages.ts'

const PACKAGE = '@vscode/tree-sitter-wasm'
/** How to install the parser of code. */
export const installParser = () => installCommand(PACKAGE)

/** Made anew each time, since one keeps all that it has loaded. */
const requireHere = () => createRequire(import.meta.url)

let found: boolean | undefined

/** Whether the parser of code is installed. A process looks once. */
export function hasParser(): boolean {
  if (found !== undefined) return found
  try {
    requireHere().resolve(PACKAGE)
    return (found = true)
  } catch {
    return (found = false)
  }
}

type Package = typeof import('@vscode/tree-sitter-wasm')

let loaded:
  | { readonly parsers: Package; readonly ready: Promise<void>; readonly grammars: Map<string, Promise<Grammar>> }
  | undefined

/** Maximum growth of memory, in bytes: some inputs need a thousand times their size. */
const MAX_MEMORY = 256 * 1024 * 1024
/** Its memory never shrinks, so a parser that has grown so much is replaced. */
const MAX_KEPT_MEMORY = 128 * 1024 * 1024

/** How a parse ended; `reason` says why there is no result, as words that follow `since`. */
type Parsed<Result> = { readonly result: Result } | { readonly reason: string }

/**
 * Gives the syntax tree of a code to `read`, and then drops it. `isLate` tells `read` to stop; it returns undefined
 * then. Neither a slow nor a large parse throws, and neither does a parser that crashes.
 */
export async function withTree<Result>(
  { name, grammar }: Syntax,
  { text, deadline }: { readonly text: string; readonly deadline: number },
  read: (tree: Tree, isLate: () => boolean) => Result | undefined,
): Promise<Parsed<Result>> {
  const parser = await parserFor(grammar)
  const [until, before] = [performance.now() + deadline, memory()]
  const isLate = () => performance.now() > until
  const isLarge = () => memory() - before > MAX_MEMORY
  try {
    const tree = parser.parse(text, null, { progressCallback: () => isLate() || isLarge() })
    const result = tree === null ? undefined : read(tree, isLate)
    const large = tree === null && isLarge()
    tree?.delete()
    parser.delete()
    if (result !== undefined) return { result }
    return {
      reason: `parsing it as ${name} ${large ? 'needs too much memory' : `takes longer than ${deadline / 1000} s`}`,
    }
  } catch (error) {
    forget()
    return { reason: `the parser for ${name} fails: ${(error as Error).message}` }
  } finally {
    if (memory() - before > MAX_KEPT_MEMORY) forget()
  }
}

/** Bytes outside the heap, where a parser has its memory. */
const memory = () => getHeapStatistics().external_memory

async function parserFor(grammar: string): Promise<Parser> {
  const { parsers, ready, grammars } = (loaded ??= load())
  await ready
  if (!grammars.has(grammar)) grammars.set(grammar, parsers.Language.load(fileOf(grammar)))
  return new parsers.Parser().setLanguage(await grammars.get(grammar)!)
}

const fileOf = (grammar: string) => requireHere().resolve(`${PACKAGE}/wasm/tree-sitter-${grammar}.wasm`)

function load(): NonNullable<typeof loaded> {
  const parsers: Package = requireHere()(PACKAGE)
  // a crash is reported once, and not on the terminal as well
  const quiet = { printErr: () => {} } as unknown as Parameters<Package['Parser']['init']>[0]
  return { parsers, ready: parsers.Parser.init(quiet), grammars: new Map() }
}

/** The next parse loads the package anew, with a memory of its own. */
function forget(): void {
  loaded = undefined
  const require = requireHere()
  delete require.cache[require.resolve(PACKAGE)]
}
