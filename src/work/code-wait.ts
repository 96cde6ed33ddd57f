import { is, type Problem, TerminalError } from '../errors.ts'

/** Work that needs code of a program waits while its process lacks that code, or has other code of that name. */

/** The code of the error. */
const CODE_MISSING = 'code_missing'
const CODE = 'code'

/** A tool that is code of a program: its name with its operation, and the hash of its parameters. */
export type NeededCode = { readonly tool: string; readonly hash: string }

/** The error that makes work wait for its code. `why` is a sentence. `needed`: the tool, if only one is missing. */
export const codeMissing = (why: string, needed?: NeededCode): TerminalError =>
  new TerminalError(`${why} ${CONTINUES}`, { code: CODE_MISSING, data: { waits: CODE, ...needed } })

const CONTINUES = 'It continues when a process with that code opens the data folder.'

/** Whether a problem is such a wait. */
export const isCodeMissing = ({ data }: Pick<Problem, 'data'>): boolean => data?.waits === CODE

/** The tool that such a problem names; undefined: it names none. */
export const neededCode = ({ data }: Pick<Problem, 'data'>): NeededCode | undefined =>
  typeof data?.tool === 'string' && typeof data.hash === 'string' ? { tool: data.tool, hash: data.hash } : undefined

/** Whether an error is such a wait. */
export const isCodeWait = (error: unknown): boolean => is(error) && isCodeMissing(error)
