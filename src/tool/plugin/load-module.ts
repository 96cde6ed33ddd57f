import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ErrorPlace, InvalidError, problemOf } from '../../errors.ts'
import { kindOfEntry, readPlainFile } from '../../lib/encoding/plain-file.ts'
import { present } from '../../lib/json/present.ts'
import { firstFrame } from '../../lib/stack.ts'
import { importModule, type ModuleExports } from './import-plugin.ts'

/** A module of a project: its path as written, and its file. */
export type ModuleFile = { readonly path: string } & ErrorPlace

/** A kind of modules: its name in messages, and a hint about the exports that are expected. */
export type ModuleKind = { readonly name: string; readonly hint: string }

const MODULE_EXTENSIONS = ['.ts', '.js', '.mts', '.mjs']
const MODULE_TYPE_HINT =
  'By "type" in its package.json, .ts and .js files are not modules. Rename the file to end in .mts or .mjs.'

/** The exports of a module. InvalidError with the place of the fault if it cannot be loaded. */
export async function loadModule(
  module: ModuleFile & { readonly file: string },
  kind: ModuleKind,
): Promise<ModuleExports> {
  if (!MODULE_EXTENSIONS.includes(extname(module.file)))
    throw moduleFault(kind, module, `a ${kind.name} is a module that ends in ${MODULE_EXTENSIONS.join(', ')}`)
  const found = await stat(module.file).catch(() => undefined)
  if (!found)
    throw moduleFault(kind, module, 'the file does not exist', 'Its path starts from the folder of antiphon.yaml.')
  if (!found.isFile()) throw moduleFault(kind, module, `expected a file, got ${kindOfEntry(found)}`)
  try {
    return await importModule(module.file, `${kind.name} ${module.path}`)
  } catch (cause) {
    const { message, stack, hint: given } = problemOf(cause)
    const place = firstFrame(stack) ?? (await placeOfFault(cause, module.file))
    // a single frame is the place itself
    const thrown = given === undefined && stack?.includes('\n') ? `\n${stack}` : ''
    const hint = given ?? (isNoModule(message) ? MODULE_TYPE_HINT : kind.hint)
    throw moduleFault(kind, { ...module, ...place }, `cannot be loaded: ${message}${thrown}`, hint, cause)
  }
}

/** Node treats the file as CommonJS if the package.json above it says so. */
function isNoModule(said: string): boolean {
  return /outside a module|^Unexpected token 'export'|top level bodies of modules/.test(said)
}

/** The error for a module that is wrong there. */
export function moduleFault(
  { name }: Pick<ModuleKind, 'name'>,
  { path, ...place }: ModuleFile,
  what: string,
  hint?: string,
  cause?: unknown,
): InvalidError {
  return new InvalidError(`${name} ${path}: ${what}`, { place, ...present({ hint, cause }) })
}

/** Locates a load error: a syntax error or an import that cannot be resolved. */
async function placeOfFault(error: unknown, file: string): Promise<ErrorPlace> {
  const { name, message = '', stack = '' } = (error ?? {}) as Partial<Error>
  const unfound = UNFOUND.exec(message)
  if (unfound) return placeOfImport(unfound[1]!, unfound[2]!)
  const place = placeAtHead(stack)
  if (place || name !== 'SyntaxError') return place ?? { file }
  return placeAtHead(await check(file)) ?? { file }
}

const UNFOUND = /^Cannot find (?:module|package) '(.+)' imported from (.+)$/
const CHECK_TIMEOUT_MS = 5_000

/** Node writes `file:line` and the line itself before the error. */
function placeAtHead(text: string): ErrorPlace | undefined {
  const [, file, line] = /^((?:file:\/\/|\/|[A-Za-z]:\\)[^\n]*?):(\d+)\r?\n/.exec(text) ?? []
  return file === undefined
    ? undefined
    : { file: file.startsWith('file:') ? fileURLToPath(file) : file, line: Number(line) }
}

/** Asks `node --check`: the syntax error of an imported module has no line. */
function check(file: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--check', file], { timeout: CHECK_TIMEOUT_MS }, (_error, _out, stderr) =>
      resolve(stderr),
    )
  })
}

async function placeOfImport(missing: string, file: string): Promise<ErrorPlace> {
  const text = await readPlainFile(file).then(String, () => '')
  const name = missing.split(/[\\/]/).at(-1)!
  const at = text.split('\n').findIndex((line) => /\b(?:import|from|require)\b/.test(line) && line.includes(name))
  return { file, ...(at >= 0 && { line: at + 1 }) }
}
