import { hash } from 'node:crypto'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { anyInputSchemaOf } from '../schema.ts'
import type { Tool } from '../tool.ts'

/**
 * Tools that are code of a program. Another process may lack them, or have others of the same names. So work that was
 * planned with such a tool names the hash of the schema of its parameters, and waits for a process that has both.
 */

const IN_CODE = Symbol('antiphon.in-code')

/** Marks a tool as code of the program that opened the runtime. `hash`: of a tool that is here as data only. */
export const markCodeTool = (tool: Tool, hash?: string): Tool => Object.assign(tool, { [IN_CODE]: hash ?? true })

/** Whether a tool is code of the program that opened the runtime. */
export const isCodeTool = (tool: Tool): boolean => IN_CODE in tool

/** The hash of the parameters of a tool that is code of a program; undefined for any other tool. */
export function hashOfCode(tool: Tool): string | undefined {
  const known = (tool as { readonly [IN_CODE]?: string | true })[IN_CODE]
  return known === true ? hashOfInput(tool) : known
}

/** The hash of the schema of a tool's parameters. Schemas that cannot be converted are all alike. */
export const hashOfInput = (tool: Pick<Tool, 'input'>): string =>
  getOrInsert(hashes, tool.input, () => hash('sha256', JSON.stringify(anyInputSchemaOf(tool) ?? null), 'hex'))

const hashes = new WeakMap<object, string>()

/** A tool that is code of a program: its name with its operation, and the hash of its parameters. */
type NamedCode = { readonly tool: string; readonly hash: string }

/** Why a tool, or its absence, is not the needed code, in a sentence; undefined: it is. */
export function lackOfCode({ tool, hash: needed }: NamedCode, found: Tool | undefined): string | undefined {
  if (!found) return `The tool ${tool} is code of a program, and this process does not have it.`
  if (hashOfInput(found) === needed) return undefined
  return `The tool ${tool} has other parameters here than when the work began.`
}
