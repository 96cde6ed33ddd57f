import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Place } from '../errors.ts'

/** The place of a fault that keeps a module from being loaded: of a syntax error, or of an import that leads nowhere. */
export async function placeOfFault(error: unknown, file: string): Promise<Place> {
  const { name, message = '', stack = '' } = (error ?? {}) as Partial<Error>
  const unfound = UNFOUND.exec(message)
  if (unfound) return placeOfImport(unfound[1]!, unfound[2]!)
  const place = placeAtHead(stack)
  if (place || name !== 'SyntaxError') return place ?? { file }
  return placeAtHead(await check(file)) ?? { file }
}

const UNFOUND = /^Cannot find (?:module|package) '(.+)' imported from (.+)$/
const PATIENCE_MS = 5_000

/** Node writes `file:line` and the line itself before the error. */
function placeAtHead(text: string): Place | undefined {
  const [, file, line] = /^((?:file:\/\/|\/|[A-Za-z]:\\)[^\n]*?):(\d+)\r?\n/.exec(text) ?? []
  return file === undefined
    ? undefined
    : { file: file.startsWith('file:') ? fileURLToPath(file) : file, line: Number(line) }
}

/** What Node says of a file that it only parses: a syntax error of a module that is imported names no line. */
function check(file: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--check', file], { timeout: PATIENCE_MS }, (_error, _out, told) => resolve(told))
  })
}

/** The line of the import: the one that names the last part of what was not found. */
async function placeOfImport(missing: string, file: string): Promise<Place> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const name = missing.split(/[\\/]/).at(-1)!
  const at = text.split('\n').findIndex((line) => /\b(?:import|from|require)\b/.test(line) && line.includes(name))
  return { file, ...(at >= 0 && { line: at + 1 }) }
}
