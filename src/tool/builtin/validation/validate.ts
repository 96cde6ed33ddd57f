import { z } from 'zod'
import type { Json } from '../../../kernel/schema.ts'
import { defineTool } from '../../tool.ts'
import { anything } from '../anything.ts'
import { dataInput, readData } from '../data/source.ts'
import { checkRows } from '../data/table.ts'
import { type Checker, type Fault, type JsonSchema, openChecker } from './checker.ts'
import { coerce } from './coerce.ts'
import { saysOf, TYPES, wrongTypesIn } from './lint.ts'

const MODES = ['strict', 'lenient', 'report_only'] as const
type Mode = (typeof MODES)[number]

const fault = z.object({
  message: z.string(),
  path: z.array(z.union([z.string(), z.int()])),
  validator: z.string(),
  row: z.int().exactOptional(),
  coerced_to: anything.exactOptional(),
})
type Told = z.infer<typeof fault>

const schemaInput = z.record(z.string(), anything).superRefine((schema, context) => {
  for (const wrong of wrongTypesIn(schema))
    context.addIssue({
      code: 'invalid_value',
      path: [...wrong.path],
      values: [...TYPES],
      input: wrong.type,
      message: saysOf(wrong),
    })
})

/** `validation:validate`: whether data is as a JSON Schema says. A list is looked at row by row unless the schema is of a list. */
export const validateTool = defineTool({
  name: 'validation:validate',
  description: 'Checks data against a JSON Schema',
  input: dataInput({
    schema: schemaInput.describe('a JSON Schema; of one row when the data is a list'),
    mode: z
      .string()
      .optional()
      .describe('strict; lenient: texts are read as the types asked for; report_only: all is a warning'),
    validation_level: z.string().optional().describe('the same as mode'),
  }),
  output: z.object({
    valid: z.boolean(),
    errors: z.array(fault),
    warnings: z.array(fault),
    data: anything,
    mode: z.enum(MODES),
    rows_validated: z.int().exactOptional(),
  }),
  effect: 'pure',
  async execute(call, context) {
    const given = await readData(call, context)
    const schema = call.schema as JsonSchema
    const wanted = call.mode ?? call.validation_level ?? 'strict'
    const mode = MODES.find((known) => known === wanted) ?? 'strict'
    const isText = given.original === 'csv'
    const checker = await openChecker(schema, given.value, isText || mode === 'lenient')
    const rows = Array.isArray(given.value) && !isOfList(schema) ? given.value : undefined
    checkRows(rows?.length ?? 0)
    const checked = checkAll(checker, rows ?? [given.value], mode, isText)
    const told = tell(checked, rows !== undefined, Array.isArray(given.value))
    const notes = [...checker.notes, ...(mode === wanted ? [] : [`there is no mode ${wanted}: strict was taken`])]
    const warnings = notes.map((message): Told => ({ message, path: [], validator: 'schema' }))
    return {
      valid: mode === 'report_only' || told.errors.length === 0,
      errors: mode === 'report_only' ? [] : told.errors,
      warnings: [...warnings, ...told.warnings, ...(mode === 'report_only' ? told.errors : [])],
      data: rows ? checked.map(({ value }) => value) : checked[0]!.value,
      mode,
      ...(Array.isArray(given.value) && { rows_validated: given.value.length }),
    }
  },
})

type Checked = { readonly value: Json; readonly faults: readonly Fault[]; readonly changed: readonly Fault[] }

/** The cells of CSV have no types of their own: they are read as what the schema asks for. */
function checkAll(checker: Checker, values: readonly Json[], mode: Mode, isText: boolean): readonly Checked[] {
  const first = checker.check(values, isText || mode === 'lenient' ? 'all' : 'told')
  if (mode !== 'lenient' && !isText)
    return values.map((value, index) => ({ value, faults: first[index]!, changed: [] }))
  const coerced = values.map((value, index) => coerce(value, first[index]!))
  const again = checker.check(coerced.map(({ value }) => value))
  return coerced.map(({ value, changed }, index) => ({ value, faults: again[index]!, changed: isText ? [] : changed }))
}

function isOfList({ type, items, prefixItems, $ref }: JsonSchema): boolean {
  return [type].flat().includes('array') || items !== undefined || prefixItems !== undefined || $ref !== undefined
}

/** Rows are counted from 1. */
function tell(checked: readonly Checked[], byRow: boolean, isList: boolean) {
  const withRow = (list: readonly Fault[], index: number): readonly Told[] =>
    list.map(({ types: _, path, ...rest }) => {
      const [first] = path
      const row = byRow ? index : isList && typeof first === 'number' ? first : undefined
      return { ...rest, path: [...path], ...(row !== undefined && { row: row + 1 }) }
    })
  return {
    errors: checked.flatMap(({ faults }, index) => withRow(faults, index)),
    warnings: checked.flatMap(({ changed }, index) => withRow(changed, index)),
  }
}
