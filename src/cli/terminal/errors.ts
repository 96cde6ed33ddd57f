import { isAbsolute, relative } from 'node:path'
import type { AgentFinding } from '../../agent/definition/finding.ts'
import { verdictOf } from '../../contract/error-codes.ts'
import { type AntiphonError, type ErrorPlace, type InvalidError, is, problemOf } from '../../errors.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import type { Finding } from '../../run/finding.ts'

/** The text of an error for people, and the exit code: 1 failed, 2 invalid input or usage, 130 interrupted. */
type Explanation = { readonly text: string; readonly exit: number }

/** The error in sentences, with its place and a hint, or frames of a user's code. `of`: the code that threw it. */
export function explainError(error: unknown, folder: string, of = 'Something went wrong inside antiphon'): Explanation {
  if (is(error)) return { text: textOf(error, folder), exit: verdictOf(error).exit }
  const { code, path } = (error ?? {}) as { readonly code?: unknown; readonly path?: unknown }
  const known = typeof code === 'string' ? SYSTEM[code] : undefined
  if (known && typeof path === 'string') return { text: `${known} ${path}.`, exit: 2 }
  if (typeof code === 'string' && DAMAGE_CODES.has(code))
    return { text: `${DAMAGE}: ${(error as Error).message}.\n  ${REMEDY}`, exit: 1 }
  // a write to an open file fails without its name
  if (code === 'ENOSPC') return { text: 'The disk is full.', exit: 2 }
  const { name, message, stack } = problemOf(error)
  if (stack !== undefined) return { text: `${name}: ${message}\n${stack.replace(/^/gm, '  ')}`, exit: 1 }
  return { text: `${of}: ${message}`, exit: 1 }
}

const SYSTEM: { readonly [code: string]: string } = {
  ENOENT: 'File not found:',
  EACCES: 'Permission denied:',
  EPERM: 'Permission denied:',
  EISDIR: 'Expected a file, got a folder:',
  ENOTDIR: 'Expected a folder, got a file:',
  ELOOP: 'Symbolic links form a circle:',
  ENOSPC: 'The disk is full at',
  EROFS: 'Read-only file system:',
}

const DAMAGE_CODES: ReadonlySet<string> = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB'])
const DAMAGE = 'The database of the data folder is damaged'
const REMEDY = 'Restore a backup into a new folder: antiphon restore FILE --data DIR'

function textOf(error: AntiphonError, folder: string): string {
  const { place = {}, message, hint } = error as AntiphonError & Partial<InvalidError>
  return `${placeOf(place, folder)}${message}${hint === undefined ? '' : `\n  ${hint}`}`
}

/** A finding as `file:line:column: severity[code] path: text`, its hint below. An agent's has no code or path. */
export function findingText(finding: Finding | AgentFinding, folder: string): string {
  const { message, severity, hint } = finding
  const { code, path } = 'code' in finding ? finding : {}
  const kind = code === undefined ? severity : `${severity}[${code}]`
  const what = path === undefined ? kind : `${kind} ${path}`
  return `${placeOf(finding, folder)}${what}: ${message}${hint === undefined ? '' : `\n  ${hint}`}`
}

function placeOf({ file, line, column }: ErrorPlace, folder: string): string {
  const place = [file === undefined ? undefined : shortPath(file, folder), line, column]
  const known = place.filter((part) => part !== undefined)
  return known.length === 0 ? '' : `${known.join(':')}: `
}

/** The path as a person in `folder` would write it. */
export function shortPath(path: string, folder: string): string {
  const short = isAbsolute(path) ? relative(folder, path) : path
  return showOnOneLine(short === '' || short.startsWith('..') ? path : short)
}
