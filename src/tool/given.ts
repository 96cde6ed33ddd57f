import type { Json } from '../kernel/schema.ts'
import { inputSchemaOf, type PropertySchema } from './schema.ts'
import type { Tool } from './tool.ts'

type Parameters = { readonly [name: string]: Json | undefined }

/** Parameters without those that are null where a tool takes no null and needs none: an input that was not given may be handed on. */
export function givenOf(tool: Pick<Tool, 'input'>, parameters: Parameters): Parameters {
  for (const name in parameters) if (parameters[name] === null) return withoutNulls(tool, parameters)
  return parameters
}

function withoutNulls(tool: Pick<Tool, 'input'>, parameters: Parameters): Parameters {
  const { properties = {}, required = [] } = inputSchemaOf(tool) ?? {}
  const isGiven = ([name, value]: [string, Json | undefined]) =>
    value !== null || !Object.hasOwn(properties, name) || required.includes(name) || takesNull(properties[name]!)
  return Object.fromEntries(Object.entries(parameters).filter(isGiven))
}

function takesNull({ type, enum: listed, anyOf, ...more }: PropertySchema): boolean {
  if (anyOf) return anyOf.some(takesNull)
  if (listed) return listed.includes(null)
  return type === undefined ? !('const' in more) : [type].flat().includes('null')
}
