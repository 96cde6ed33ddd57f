import type { Json } from '../../src/kernel/schema.ts'
import type { Embedder } from '../../src/model/embed/embedder.ts'
import { fillSchema } from '../../src/model/offline/fill/fill.ts'
import { indexDocuments } from '../../src/model/offline/reading/reading.ts'
import type { JsonSchema } from '../../src/model/prompt/task.ts'
import { createObjectCheck } from '../../src/model/structured-output/check-object.ts'
import type { Field, FieldText } from './labels.ts'
import { type Sample, sampleOf } from './sample.ts'

type Filled = Field & { readonly name: string; readonly value: Json | undefined }

/** How many fields of the texts are filled rightly, and how many texts give what fits their schema. */
export async function measureFields(
  texts: readonly FieldText[],
  method: string,
  embedder?: Embedder,
): Promise<Sample[]> {
  const all: Filled[] = []
  const valid: { name: string; fits: boolean }[] = []
  for (const { name, text, fields } of texts) {
    const schema = schemaOf(fields)
    const { text: json, refused } = await fillSchema(
      schema,
      { kind: 'fill' },
      indexDocuments([{ name, text }], { embedder }),
    )
    const value = refused === undefined ? (JSON.parse(json) as { readonly [field: string]: Json }) : {}
    all.push(...fields.map((field) => ({ ...field, name, value: value[field.field] })))
    valid.push({ name, fits: 'object' in (await createObjectCheck(schema))(json) })
  }
  return [
    sampleOf({ task: 'fields', measure: 'right', method }, all, isRight, describe),
    sampleOf(
      { task: 'fields', measure: 'texts that fit their schema', method },
      valid,
      ({ fits }) => fits,
      ({ name }) => name,
    ),
  ]
}

/** A field is what stands behind its name and a colon or an equals sign. */
export function measureKeyLines(texts: readonly FieldText[]): Sample[] {
  const all = texts.flatMap(({ name, text, fields }) =>
    fields.map((field) => ({ ...field, name, value: readLine(field, text) })),
  )
  return [sampleOf({ task: 'fields', measure: 'right', method: 'name: value' }, all, isRight, describe)]
}

function schemaOf(fields: readonly Field[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ field, schema }) => [field, schema])),
    required: fields.map(({ field }) => field),
  }
}

function readLine({ field, schema }: Field, text: string): Json {
  const said = new RegExp(`^\\W*${field}\\W*[:=]\\s*(.+?)\\W*$`, 'im').exec(text)?.[1]
  if (said === undefined) return null
  if (schema.type === 'boolean') return /^(?:yes|true|on)$/i.test(said)
  return schema.type === 'integer' || schema.type === 'number' ? Number.parseFloat(said) : said
}

function isRight({ value, right }: Filled): boolean {
  return right.some((one) => plain(one) === plain(value))
}

/** Case and the full stop at the end of a text do not matter. */
function plain(value: Json | undefined): string {
  return typeof value === 'string'
    ? value.trim().replace(/\.$/, '').toLowerCase()
    : JSON.stringify(value ?? null).toLowerCase()
}

function describe({ name, field, value, right }: Filled): string {
  return `${name}.${field} = ${JSON.stringify(value ?? null).slice(0, 100)}, right is ${JSON.stringify(right[0])}`
}
