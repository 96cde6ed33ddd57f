import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ErrorPlace, InvalidError, problemOf } from '../errors.ts'
import { firstFrame } from '../lib/stack.ts'
import { builtinTools } from './builtin/tools.ts'
import { guardTool } from './plugin/guard.ts'
import { importPlugin } from './plugin/import-plugin.ts'
import { isolateTool } from './plugin/isolate.ts'
import { defineTool, type Tool } from './tool.ts'
import { findClash } from './toolbox.ts'

/**
 * The tools of the modules at these paths, relative to `folder`: each exports one
 * tool or a list of them as default. InvalidError, naming the file, for one that is
 * missing, fails to load, exports something else, or claims a name that is taken.
 */
export async function loadPlugins(
  paths: readonly string[],
  folder: string,
  ours: readonly Tool[] = builtinTools,
): Promise<Tool[]> {
  const owners = new Map(ours.map((tool) => [tool.name, 'antiphon itself']))
  const tools: Tool[] = []
  for (const path of paths) {
    const plugin = { path, file: resolve(folder, path) }
    for (const tool of toolsOf(await load(plugin), plugin)) {
      claim(owners, tool.name, plugin)
      tools.push(tool.isolation === 'process' ? isolateTool(tool, plugin.file) : guardTool(tool))
    }
  }
  return tools
}

/** A plugin's path as written, and its file. */
type PluginFile = { readonly path: string } & ErrorPlace

const MODULE_EXTENSIONS = ['.ts', '.js', '.mts', '.mjs']
const EXPORT_HINT = 'Expected a module whose default export is a tool made by defineTool, or a list of such tools.'
const MODULE_TYPE_HINT =
  'By "type" in its package.json, .ts and .js files are not modules. Rename the file to end in .mts or .mjs.'

async function load(plugin: PluginFile & { readonly file: string }): Promise<unknown> {
  if (!MODULE_EXTENSIONS.includes(extname(plugin.file)))
    throw wrong(plugin, `a plugin is a module that ends in ${MODULE_EXTENSIONS.join(', ')}`)
  const found = await stat(plugin.file).catch(() => undefined)
  if (!found?.isFile())
    throw wrong(plugin, 'the file does not exist', 'Plugin paths start from the folder of antiphon.yaml.')
  try {
    return await importPlugin(plugin.file, `plugin ${plugin.path}`)
  } catch (cause) {
    const { message, stack } = problemOf(cause)
    const place = firstFrame(stack) ?? (await placeOfFault(cause, plugin.file))
    const thrown = stack === undefined ? '' : `\n${stack}`
    const hint = isNoModule(message) ? MODULE_TYPE_HINT : EXPORT_HINT
    throw wrong({ ...plugin, ...place }, `cannot be loaded: ${message}${thrown}`, hint, cause)
  }
}

/** Node treats the file as CommonJS if the package.json above it says so. */
function isNoModule(said: string): boolean {
  return /outside a module|^Unexpected token 'export'|top level bodies of modules/.test(said)
}

function toolsOf(exported: unknown, plugin: PluginFile): readonly Tool[] {
  if (exported === undefined) throw wrong(plugin, 'it has no default export', EXPORT_HINT)
  const tools: readonly unknown[] = Array.isArray(exported) ? exported : [exported]
  if (tools.length === 0) throw wrong(plugin, 'its default export is an empty list', EXPORT_HINT)
  return tools.map((tool, index) => checkTool(tool, plugin, Array.isArray(exported) ? `default[${index}]` : 'default'))
}

function checkTool(value: unknown, plugin: PluginFile, path: string): Tool {
  const tool = value as Tool
  const fault = faultOfTool(tool)
  if (fault !== undefined) throw wrong(plugin, `${path}: ${fault}`, EXPORT_HINT)
  return tool
}

const EFFECT_CLASSES = ['pure', 'idempotent', 'at-most-once']

/** Why a value of JavaScript is not a tool; undefined: it is one. */
export function faultOfTool(tool: Tool): string | undefined {
  if (typeof tool !== 'object' || tool === null) return 'not a tool'
  if (typeof tool.name !== 'string') return '`name` is not a text'
  if (typeof tool.description !== 'string') return '`description` is not a text'
  if (typeof tool.input?.['~standard']?.validate !== 'function')
    return '`input` is not a schema (zod, valibot, arktype)'
  if (tool.output !== undefined && typeof tool.output?.['~standard']?.validate !== 'function')
    return '`output` is not a schema (zod, valibot, arktype)'
  if (!EFFECT_CLASSES.includes(tool.effect)) return `\`effect\` is not one of ${EFFECT_CLASSES.join(', ')}`
  const limit = limitFault(tool)
  if (limit !== undefined) return limit
  if (typeof tool.execute !== 'function') return '`execute` is not a function'
  try {
    defineTool(tool)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function limitFault({ isolation, memory, timeout }: Tool): string | undefined {
  if (isolation !== undefined && isolation !== 'process')
    return `\`isolation\`: expected process, got ${JSON.stringify(isolation)}`
  if (timeout !== undefined && !(timeout > 0)) return '`timeout`: expected seconds above 0'
  if (memory === undefined) return undefined
  if (!isolation) return "`memory` needs `isolation: 'process'`"
  return memory >= MIN_MEGABYTES ? undefined : `\`memory\`: expected megabytes, at least ${MIN_MEGABYTES}`
}

/** Node itself and a small plugin need about half of this. */
const MIN_MEGABYTES = 16

function claim(owners: Map<string, string>, name: string, plugin: PluginFile): void {
  const clash = findClash(name, owners.keys())
  if (clash !== undefined)
    throw wrong(plugin, `the tool name ${name} clashes with ${clash} of ${owners.get(clash)}`, 'Give it another name.')
  owners.set(name, plugin.path)
}

function wrong({ path, ...place }: PluginFile, what: string, hint?: string, cause?: unknown): InvalidError {
  return new InvalidError(`plugin ${path}: ${what}`, {
    place,
    ...(hint !== undefined && { hint }),
    ...(cause !== undefined && { cause }),
  })
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

/** The line that imports the missing module. */
async function placeOfImport(missing: string, file: string): Promise<ErrorPlace> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const name = missing.split(/[\\/]/).at(-1)!
  const at = text.split('\n').findIndex((line) => /\b(?:import|from|require)\b/.test(line) && line.includes(name))
  return { file, ...(at >= 0 && { line: at + 1 }) }
}
