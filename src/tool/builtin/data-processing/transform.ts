import { z } from 'zod'
import { InvalidError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { parseExpression, renderTemplate, scopeOf } from '../../../template/template.ts'
import { defineTool } from '../../tool.ts'
import {
  adviceOnMissing,
  dataInputSchema,
  dataOutputSchema,
  readData,
  tableResult,
  toTable,
  valueResult,
} from '../table/data.ts'
import { applyTransformations, TRANSFORMATION_TYPES, transformationSchema } from './transformations.ts'

const list = z.array(transformationSchema).max(1000)

/** `data-processing:transform`: transformations in order, or a map of expressions over `data` (`transform_spec`). */
export const transformTool = Object.assign(
  defineTool({
    name: 'data-processing:transform',
    description: 'Transforms the rows of a table, step by step',
    input: dataInputSchema({
      operations: list.optional().describe('transformations in order, each with a type'),
      operation: z
        .looseObject({ transformations: list.optional() })
        .optional()
        .describe('the same as {transformations}'),
      transform_spec: z
        .record(z.string(), z.string().max(4096))
        .optional()
        .describe('result fields: {field: expression over data}'),
    }),
    output: dataOutputSchema('transform', {
      original_count: z.int().exactOptional(),
      row_count: z.int().exactOptional(),
    }),
    effect: 'pure',
    async execute(call, context) {
      const given = await readData(call, context)
      if (call.transform_spec) return valueResult('transform' as const, makeMap(call.transform_spec, given.value))
      const steps = call.operations ?? call.operation?.transformations
      if (!steps)
        throw new InvalidError('operations: expected a list of transformations.', {
          place: { path: 'operations' },
          hint: `Write operations: [{ type: … }], each of the type ${TRANSFORMATION_TYPES.join(', ')}.`,
        })
      const table = toTable(given)
      const made = applyTransformations(table, steps)
      const counts = { original_count: table.rows.length, row_count: made.rows.length }
      return { ...tableResult('transform' as const, made, call, given), ...counts }
    },
  }),
  {
    adviceOn: adviceOnMissing(
      ['operations', 'transform_spec'],
      ['transformations'],
      `operations: [{ type: … }], each of the type ${TRANSFORMATION_TYPES.join(', ')}`,
    ),
  },
)

function makeMap(spec: { readonly [field: string]: string }, data: Json): Json {
  const names: { readonly [name: string]: Json } = { data, parsed_data: data }
  const scope = scopeOf(names)
  return Object.fromEntries(
    Object.entries(spec).map(([field, text]) => [field, evaluate(`transform_spec.${field}`, text, scope)]),
  )
}

function evaluate(where: string, text: string, scope: Parameters<typeof renderTemplate>[1]): Json {
  try {
    return renderTemplate(parseExpression(text), scope) as Json
  } catch (error) {
    throw new InvalidError(`${where}: ${(error as Error).message}`, { place: { path: where }, cause: error })
  }
}
