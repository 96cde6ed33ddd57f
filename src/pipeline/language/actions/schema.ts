import { z } from 'zod'
import { isMap } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { measureSchema } from '../../../model/structured-output/schema-budget.ts'
import type { Path, Report } from '../diagnostics/finding.ts'

/** Reports what is no usable JSON Schema, as far as that can be told before its templates are rendered. */
export function checkSchema(schema: Json, path: Path, step: string, report: Report): void {
  if (JSON.stringify(schema).includes('{{')) return
  const value = typeof schema === 'string' ? parse(schema) : schema
  const wrong = isMap(value) ? problemIn(value) : 'it is a map'
  if (wrong === undefined) return
  const hint = 'such as { type: object, properties: { name: { type: string } }, required: [name] }'
  report('bad_value', path, `\`schema:\` is no JSON Schema that can be used: ${wrong}`, { step, hint })
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function problemIn(schema: { readonly [keyword: string]: Json }): string | undefined {
  try {
    measureSchema(schema)
    z.fromJSONSchema(schema)
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n', 1)[0]!.slice(0, 200)
  }
}
