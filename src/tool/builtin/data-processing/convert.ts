import { z } from 'zod'
import { defineTool } from '../../tool.ts'
import {
  type DataFormat,
  dataInputSchema,
  dataOutputSchema,
  formatSchema,
  readData,
  tableResult,
  toTable,
  valueResult,
} from '../table/data.ts'

/** `data-processing:convert`: CSV to JSON or back. `format` alone names the target format. */
export const convertTool = defineTool({
  name: 'data-processing:convert',
  description: 'Converts between JSON and CSV',
  input: dataInputSchema({ target_format: formatSchema.optional().describe('the same as output_format') }),
  output: dataOutputSchema('convert', { target_format: formatSchema, original_type: z.string() }),
  effect: 'pure',
  async execute(call, context) {
    const { format: only, ...rest } = call
    const wanted = call.output_format ?? call.target_format
    const target: DataFormat = wanted ?? only ?? 'json'
    // if `format` repeats the target, it does not describe the input
    const given = await readData(wanted === undefined || wanted === only ? rest : call, context)
    const more = { target_format: target, original_type: given.original }
    if (target === 'json') return { ...valueResult('convert' as const, given.value), ...more }
    return { ...tableResult('convert' as const, toTable(given), { ...call, output_format: target }, given), ...more }
  },
})
