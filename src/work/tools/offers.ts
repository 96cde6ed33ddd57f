import { hash } from 'node:crypto'
import type { ToolOffer } from '../../model/request/request.ts'
import { anyInputSchemaOf } from '../../tool/schema.ts'
import type { Tool } from '../../tool/tool.ts'

/** Providers allow letters, digits, `_` and `-`, at most 64. */
const MAX_NAME = 64

/** A name as providers allow it. */
export const modelName = (name: string) => name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_NAME)

/** The name for the model. If another tool has the same such name, it gets a digest of its own name. */
export function freeName(name: string, isTaken: (plain: string) => boolean): string {
  const plain = modelName(name)
  if (!isTaken(plain)) return plain
  const digest = hash('sha256', name, 'hex').slice(0, 8)
  return `${plain.slice(0, MAX_NAME - 1 - digest.length)}_${digest}`
}

/** A tool as a model sees it. */
export function offerOf(tool: Tool, description = tool.description): ToolOffer {
  const schema = (anyInputSchemaOf(tool) ?? { type: 'object' }) as ToolOffer['schema']
  return { name: modelName(tool.name), description, schema }
}
