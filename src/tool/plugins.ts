import { stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidError } from '../errors.ts'
import { builtinTools } from './builtin/tools.ts'
import { defineTool, type Tool } from './tool.ts'
import { clashOf } from './toolbox.ts'

/**
 * The tools of the modules at these paths, relative to `folder`: each exports one tool or a list of them as default. InvalidError,
 * naming the file, for one that is missing, fails to load, exports something else, or claims a name that is taken.
 */
export async function loadPlugins(paths: readonly string[], folder: string): Promise<Tool[]> {
  const owners = new Map(builtinTools.map((tool) => [tool.name, 'antiphon itself']))
  const tools: Tool[] = []
  for (const path of paths) {
    const file = resolve(folder, path)
    for (const tool of toolsOf(await load(file), file)) {
      claim(owners, tool.name, file)
      tools.push(tool)
    }
  }
  return tools
}

const ENDINGS = ['.ts', '.js', '.mts', '.mjs']
const EXPECTED = 'Expected a module whose default export is a tool made by defineTool, or a list of such tools.'

async function load(file: string): Promise<unknown> {
  if (!ENDINGS.includes(extname(file))) throw wrong(file, `a plugin is a module that ends in ${ENDINGS.join(', ')}`)
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile())
    throw wrong(file, 'there is no such file', 'Plugin paths start from the folder of antiphon.yaml.')
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(file).href)
    return module.default
  } catch (cause) {
    throw wrong(file, `it cannot be loaded: ${cause instanceof Error ? cause.message : cause}`, EXPECTED, cause)
  }
}

function toolsOf(exported: unknown, file: string): readonly Tool[] {
  if (exported === undefined) throw wrong(file, 'it has no default export', EXPECTED)
  const tools: readonly unknown[] = Array.isArray(exported) ? exported : [exported]
  if (tools.length === 0) throw wrong(file, 'its default export is an empty list', EXPECTED)
  return tools.map((tool, index) => checkTool(tool, file, Array.isArray(exported) ? `default[${index}]` : 'default'))
}

function checkTool(value: unknown, file: string, path: string): Tool {
  const tool = value as Tool
  const fault = typeof value === 'object' && value !== null ? faultOf(tool) : 'it is no tool'
  if (fault !== undefined) throw wrong(file, `${path}: ${fault}`, EXPECTED)
  return tool
}

const EFFECTS = ['pure', 'idempotent', 'at-most-once']

function faultOf(tool: Tool): string | undefined {
  if (typeof tool.name !== 'string') return '`name` is not a text'
  if (typeof tool.description !== 'string') return '`description` is not a text'
  if (typeof tool.input?.['~standard']?.validate !== 'function')
    return '`input` is not a schema (zod, valibot, arktype)'
  if (!EFFECTS.includes(tool.effect)) return `\`effect\` is not one of ${EFFECTS.join(', ')}`
  if (typeof tool.execute !== 'function') return '`execute` is not a function'
  try {
    defineTool(tool)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function claim(owners: Map<string, string>, name: string, file: string): void {
  const clash = clashOf(name, owners.keys())
  if (clash !== undefined)
    throw wrong(file, `the tool name ${name} clashes with ${clash} of ${owners.get(clash)}`, 'Give it another name.')
  owners.set(name, file)
}

function wrong(file: string, what: string, hint?: string, cause?: unknown): InvalidError {
  return new InvalidError(`plugin ${file}: ${what}`, {
    place: { file },
    ...(hint !== undefined && { hint }),
    ...(cause !== undefined && { cause }),
  })
}
