import { is, type Problem, TerminalError } from '../errors.ts'

/** Work that needs code of a program waits while its process lacks that code, or has other code of that name. */

const CODE_MISSING = 'code_missing'
const CODE = 'code'

/** ms until work that no opening wakes looks again whether its process has the code. */
export const CODE_PAUSE_MS = 5_000

/** A tool that is code of a program: its name with its operation, and the hash of its parameters. */
export type NeededCode = { readonly tool: string; readonly hash: string }

/**
 * The error that makes work wait for its code. `why` is a sentence, and `remedy` the next one. `needed`: the tool, if
 * only one is missing. `changes`: how the code differs, a line each.
 */
export const codeMissing = (
  why: string,
  needed?: NeededCode,
  { remedy = CODE_CONTINUES, changes }: { readonly remedy?: string; readonly changes?: readonly string[] } = {},
): TerminalError =>
  new TerminalError(`${why} ${remedy}`, {
    code: CODE_MISSING,
    data: { waits: CODE, ...needed, ...(changes && { changes: changes.join('\n') }) },
  })

/** The sentence for a person when there is nothing to do but wait. */
export const CODE_CONTINUES = 'It continues when a process with that code opens the data folder.'

export const isCodeMissing = ({ data }: Pick<Problem, 'data'>): boolean => data?.waits === CODE

/** The tool that such a problem names; undefined: it names none. */
export const neededCode = ({ data }: Pick<Problem, 'data'>): NeededCode | undefined =>
  typeof data?.tool === 'string' && typeof data.hash === 'string' ? { tool: data.tool, hash: data.hash } : undefined

export const isCodeWait = (error: unknown): boolean => is(error) && isCodeMissing(error)

/** How the code of such a problem differs, a line for each change; undefined: it is not known. */
export const changesIn = ({ data }: Pick<Problem, 'data'>): readonly string[] | undefined =>
  typeof data?.changes === 'string' ? data.changes.split('\n') : undefined
