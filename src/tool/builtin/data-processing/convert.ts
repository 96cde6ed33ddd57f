import { z } from 'zod'
import { defineTool } from '../../tool.ts'
import { answerTable, answerValue, dataOutput } from '../table/data-output.ts'
import { dataInput, type Format, format, readData, tableIn } from '../table/read-data.ts'

/** `data-processing:convert`: from CSV to JSON or back; `format` alone is the one to convert to. */
export const convertTool = defineTool({
  name: 'data-processing:convert',
  description: 'Converts between JSON and CSV',
  input: dataInput({ target_format: format.optional().describe('the same as output_format') }),
  output: dataOutput('convert', { target_format: format, original_type: z.string() }),
  effect: 'pure',
  async execute(call, context) {
    const { format: only, ...rest } = call
    const told = call.output_format ?? call.target_format
    const target: Format = told ?? only ?? 'json'
    // named twice, it is what to make of the data
    const given = await readData(told === undefined || told === only ? rest : call, context)
    const more = { target_format: target, original_type: given.original }
    if (target === 'json') return { ...answerValue('convert' as const, given.value), ...more }
    return { ...answerTable('convert' as const, tableIn(given), { ...call, output_format: target }, given), ...more }
  },
})
