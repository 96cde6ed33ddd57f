import { extname } from 'node:path'
import { z } from 'zod'
import type { Json } from '../../../kernel/json.ts'
import { exceedsBudget, isSmallCheck, measureSchema } from '../../../model/structured-output/schema-budget.ts'
import { type OffloadJob, processOffload } from '../../../worker/offload/offload.ts'
import { defineTool, type ToolContext } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { dataInputSchema, readData } from '../table/data.ts'
import { checkRowCount } from '../table/table.ts'
import { type CheckRequest, type CheckResult, checkData } from './check-all.ts'
import { describeUnknownType, findUnknownTypes, JSON_TYPES } from './schema-lint.ts'
import { CHECK_SUBJECT, type CheckedSchema, type SchemaFault } from './validator.ts'

const MODES = ['strict', 'lenient', 'report_only'] as const

const fault = z.object({
  message: z.string(),
  path: z.array(z.union([z.string(), z.int()])),
  validator: z.string(),
  row: z.int().exactOptional(),
  coerced_to: anyJson.exactOptional(),
})
type FaultOutput = z.infer<typeof fault>

const schemaInput = z.record(z.string(), anyJson).superRefine((schema, context) => {
  // the call itself rejects it
  if (exceedsBudget(schema as CheckedSchema)) return
  for (const wrong of findUnknownTypes(schema))
    context.addIssue({
      code: 'invalid_value',
      path: [...wrong.path],
      values: [...JSON_TYPES],
      input: wrong.type,
      message: describeUnknownType(wrong),
    })
})

/** `validation:validate`: validates by a JSON Schema, a list row by row unless the schema describes a list. */
export const validateTool = defineTool({
  name: 'validation:validate',
  description: 'Checks data against a JSON Schema',
  input: dataInputSchema({
    schema: schemaInput.describe('a JSON Schema; for lists, the schema of one row'),
    mode: z
      .string()
      .optional()
      .describe('strict, lenient (converts texts to the types of the schema) or report_only (faults are warnings)'),
    validation_level: z.string().optional().describe('the same as mode'),
  }),
  output: z.object({
    valid: z.boolean(),
    errors: z.array(fault),
    warnings: z.array(fault),
    data: anyJson,
    mode: z.enum(MODES),
    rows_validated: z.int().exactOptional(),
  }),
  effect: 'pure',
  async execute(call, context) {
    const schema = call.schema as CheckedSchema
    const given = await readData(call, context, mayBeText(schema))
    const wanted = call.mode ?? call.validation_level ?? 'strict'
    const mode = MODES.find((known) => known === wanted) ?? 'strict'
    const isText = given.original === 'csv'
    const rows = Array.isArray(given.value) && !isOfList(schema) ? given.value : undefined
    checkRowCount(rows?.length ?? 0)
    const checking = { schema, data: given.value, byRow: rows !== undefined, isLenient: mode === 'lenient', isText }
    const { notes: found, checked } = await check(checking, context)
    const report = tell(checked, rows !== undefined, Array.isArray(given.value))
    const notes = [...found, ...(mode === wanted ? [] : [`there is no mode ${wanted}: strict was taken`])]
    const warnings = notes.map((message): FaultOutput => ({ message, path: [], validator: 'schema' }))
    return {
      valid: mode === 'report_only' || report.errors.length === 0,
      errors: mode === 'report_only' ? [] : report.errors,
      warnings: [...warnings, ...report.warnings, ...(mode === 'report_only' ? report.errors : [])],
      data: rows
        ? rows.map((row, index) => checkedValue(checked[index]!, row))
        : checkedValue(checked[0]!, given.value),
      mode,
      ...(Array.isArray(given.value) && { rows_validated: given.value.length }),
    }
  },
})

/** Whether a schema describes a text, or says nothing of maps and lists. */
const mayBeText = ({ type, properties, required, items }: CheckedSchema) =>
  type === undefined ? !(properties || required || items) : [type].flat().includes('string')

const checkedValue = ({ value }: CheckResult['checked'][number], given: Json) => (value === undefined ? given : value)

const CHECK_JOB: OffloadJob = {
  file: new URL(`./check-all${extname(import.meta.url)}`, import.meta.url),
  name: 'checkData',
}
const CHECK_TIMEOUT_MS = 1000

/** Runs in a thread if the work may take long. */
function check(checking: CheckRequest, { share = '', signal }: ToolContext): Promise<CheckResult> {
  const size = measureSchema(checking.schema)
  if (isSmallCheck(size, checking.data)) return checkData(checking)
  const terms = { share, signal, deadline: CHECK_TIMEOUT_MS, what: CHECK_SUBJECT }
  return processOffload().run(CHECK_JOB, checking, terms) as Promise<CheckResult>
}

function isOfList({ type, items, prefixItems, $ref }: CheckedSchema): boolean {
  return [type].flat().includes('array') || items !== undefined || prefixItems !== undefined || $ref !== undefined
}

/** Row numbers start at 1. */
function tell(checked: CheckResult['checked'], byRow: boolean, isList: boolean) {
  const withRow = (list: readonly SchemaFault[], index: number): readonly FaultOutput[] =>
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
