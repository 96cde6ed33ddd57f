import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Parameters } from '../compiled.ts'
import type { Report } from '../findings.ts'
import { suggestOrList } from '../spec/suggest.ts'
import type { StepSpec } from '../spec.ts'

type ObjectSchema = {
  readonly properties?: { readonly [name: string]: unknown }
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
}

/** Reports parameters a tool needs and does not get, and those it does not know, as far as its schema tells. */
export function checkParameters(tool: Tool, parameters: Parameters, step: StepSpec, report: Report): void {
  const schema = objectSchemaOf(tool)
  const known = Object.keys(schema?.properties ?? {})
  for (const name of schema?.required ?? []) {
    if (parameters[name] !== undefined) continue
    const at = Object.keys(step.parameters).length > 0 ? step.parametersPath : step.path
    report('missing_parameter', at, `\`${tool.name}\` needs the parameter \`${name}\``, { step: step.id })
  }
  if (!schema?.properties || schema.additionalProperties) return
  for (const name of Object.keys(parameters).filter((name) => !known.includes(name))) {
    const more = { key: true, step: step.id, hint: suggestOrList(name, known, 'parameters') } as const
    report('unknown_parameter', [...step.parametersPath, name], `\`${tool.name}\` has no parameter \`${name}\``, more)
  }
}

/** What a schema says of its object; only zod's tell, and only some of them. */
function objectSchemaOf({ input }: Tool): ObjectSchema | undefined {
  if (input['~standard'].vendor !== 'zod') return undefined
  try {
    const schema = z.toJSONSchema(input as unknown as z.ZodType, { io: 'input', unrepresentable: 'any' }) as {
      type?: Json
    }
    return schema.type === 'object' ? (schema as ObjectSchema) : undefined
  } catch {
    return undefined
  }
}
