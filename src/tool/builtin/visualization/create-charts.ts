import { join } from 'node:path'
import { z } from 'zod'
import { InvalidError } from '../../../errors.ts'
import { present } from '../../../lib/json/present.ts'
import type { FileRef } from '../../../lib/media/file-ref.ts'
import { attached, fileRef } from '../../files/attached.ts'
import { defineTool, type ToolContext } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { pathInput, pathsAt } from '../filesystem/path.ts'
import { saveBytes } from '../filesystem/save.ts'
import { formatSchema, readData, toTable } from '../table/data.ts'
import type { Table } from '../table/table.ts'
import { type ChartType, columnsFor, fittingChart } from './columns.ts'
import { chartFormat, encodeChart, toSvg } from './formats.ts'
import { specificationOf } from './specification.ts'

const MAX_CHART_ROWS = 20_000
const chartType = z.enum(['auto', 'bar', 'line', 'scatter', 'pie', 'histogram'])
const column = z.string().max(1000).optional()
const pixels = z.int().min(50).max(4000)

const input = z.strictObject({
  data: anyJson.describe('list of maps, CSV or JSON text, or the path of such a file'),
  input_format: formatSchema.optional().describe('of a text; found out if absent'),
  chart_types: z
    .union([z.array(chartType).min(1).max(20), chartType])
    .default(['auto'])
    .describe('`auto` takes the one that fits the columns'),
  x: column.describe('column for the axis, the parts of a pie or the values of a histogram'),
  y: column.describe('column of numbers; without one, rows are counted'),
  series: column.describe('column for the colors'),
  output_dir: pathInput.default('charts').describe('folder for the charts'),
  title: z.string().max(300).optional(),
  theme: z.string().default('light').describe('light or dark'),
  format: chartFormat.default('png').describe('png, svg or html'),
  width: pixels.default(800).describe('pixels'),
  height: pixels.default(600).describe('pixels'),
})

/** `visualization:create_charts`: draws a chart of each type and saves it. Nothing but the given data is read. */
export const createChartsTool = defineTool({
  name: 'visualization:create_charts',
  description: 'Draws charts of a table',
  input,
  output: z.object({
    charts: z.array(z.string()),
    files: z.array(z.string()),
    count: z.int(),
    output_dir: z.string(),
    chart_types: z.array(z.string()),
    attachments: z.array(fileRef).exactOptional(),
  }),
  paths: ['output_dir'],
  changes: pathsAt(['output_dir'], 'charts'),
  effect: 'idempotent',
  async execute({ chart_types: wanted, output_dir: folder, ...call }, context) {
    const table = toTable(await readData({ data: call.data, input_format: call.input_format }, context))
    checkTable(table)
    const types = [wanted].flat().map((type) => (type === 'auto' ? fittingChart(table) : type))
    const charts: string[] = []
    const attachments: FileRef[] = []
    for (const [index, type] of [...new Set(types)].entries()) {
      const name = `${slugOf(call.title) || 'chart'}-${index + 1}-${type}.${call.format}`
      const path = join(folder, name)
      const bytes = await draw(type, path, { ...call, table }, context)
      charts.push(path)
      const { attachment } = call.format === 'png' ? await attached(path, bytes, context) : {}
      if (attachment) attachments.push(attachment)
    }
    return {
      charts,
      files: charts,
      count: charts.length,
      output_dir: folder,
      chart_types: [...new Set(types)],
      ...(attachments.length > 0 && { attachments }),
    }
  },
})

type Drawing = Omit<z.infer<typeof input>, 'chart_types' | 'output_dir'> & { readonly table: Table }

async function draw(type: ChartType, path: string, call: Drawing, context: ToolContext): Promise<Uint8Array> {
  const { table, title, width, height, x, y, series } = call
  const theme = call.theme.toLowerCase().includes('dark') ? 'dark' : 'light'
  const look = { theme, width, height, ...present({ title }) } as const
  const columns = columnsFor(type, table, present({ x, y, series }))
  const svg = await toSvg(specificationOf(type, table, columns, look), context)
  const bytes = await encodeChart(svg, call.format, title ?? type, context)
  await saveBytes(path, bytes, context)
  return bytes
}

function checkTable({ rows, columns }: Table): void {
  if (rows.length === 0 || columns.length === 0) throw new InvalidError('data: the table is empty.')
  if (rows.length > MAX_CHART_ROWS)
    throw new InvalidError(`data: a chart shows at most ${MAX_CHART_ROWS} rows, and these are ${rows.length}.`, {
      hint: 'Reduce them before with `data-processing:aggregate`.',
    })
}

const slugOf = (title = '') =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
