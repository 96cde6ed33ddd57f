import { basename, extname, join } from 'node:path'
import { z } from 'zod'
import { InvalidError } from '../../../errors.ts'
import { isJsonObject, type Json, tryParseExact } from '../../../kernel/json.ts'
import { escapeHtml } from '../../../lib/text/escape-html.ts'
import { defineTool, type ToolContext } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { pathInput, pathsAt } from '../filesystem/path.ts'
import { readFileBytes } from '../filesystem/read.ts'
import { saveBytes } from '../filesystem/save.ts'
import { chartFormat, dataUrl, encodeChart, pageWith } from './formats.ts'

/** Charts that were saved before: paths, or the result of `create_charts`. */
const figuresInput = anyJson.describe('paths of pictures, or the result of create_charts')

const STYLES = {
  grid: 'main { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 1.5em }',
  rows: 'main { display: flex; flex-direction: column; gap: 1.5em }',
}

/** `visualization:create_dashboard`: puts charts on one page of HTML, which needs no other file. */
export const createDashboardTool = defineTool({
  name: 'visualization:create_dashboard',
  description: 'Puts charts on one page',
  input: z.strictObject({
    charts: figuresInput,
    layout: z.enum(['grid', 'rows']).default('grid'),
    title: z.string().max(300).default('Dashboard'),
    output_dir: pathInput.default('charts').describe('folder for dashboard.html'),
  }),
  output: z.object({ url: z.string(), dashboard_path: z.string(), charts_included: z.int(), layout: z.string() }),
  paths: ['output_dir'],
  changes: pathsAt(['output_dir'], 'charts'),
  effect: 'idempotent',
  async execute({ charts, layout, title, output_dir: folder }, context) {
    const figures = await Array.fromAsync(pathsIn(charts, 'charts'), (path) => readFigure(path, context))
    const shown = figures.map(({ path, type, bytes }) => {
      const name = escapeHtml(basename(path, extname(path)))
      return `<figure><img src="${dataUrl(type, bytes)}" alt="${name}"></figure>`
    })
    const body = `<h1>${escapeHtml(title)}</h1>\n<main>\n${shown.join('\n')}\n</main>`
    const path = join(folder, 'dashboard.html')
    await saveBytes(path, Buffer.from(pageWith(title, body, `${STYLES[layout]} figure { margin: 0 }`)), context)
    return { url: path, dashboard_path: path, charts_included: figures.length, layout }
  },
})

/** `visualization:export_figures`: writes charts in another format. */
export const exportFiguresTool = defineTool({
  name: 'visualization:export_figures',
  description: 'Writes charts in another format',
  input: z.strictObject({
    figures: figuresInput,
    format: chartFormat.default('png').describe('png, svg or html'),
    output_dir: pathInput.default('figures').describe('folder for the pictures'),
  }),
  output: z.object({ files: z.array(z.string()), count: z.int(), format: z.string(), output_dir: z.string() }),
  paths: ['output_dir'],
  changes: pathsAt(['output_dir'], 'figures'),
  effect: 'idempotent',
  async execute({ figures, format, output_dir: folder }, context) {
    const files: string[] = []
    for (const from of pathsIn(figures, 'figures')) {
      const figure = await readFigure(from, context)
      const name = basename(from, extname(from))
      if (figure.type === 'image/png' && format !== 'png')
        throw new InvalidError(`${from}: a png cannot become ${format}.`, { hint: 'Draw it with `format: svg`.' })
      const same = figure.type === 'image/png'
      const bytes = same ? figure.bytes : await encodeChart(plainSvg(figure), format, name, context)
      const path = join(folder, `${name}.${format}`)
      await saveBytes(path, bytes, context)
      files.push(path)
    }
    return { files, count: files.length, format, output_dir: folder }
  },
})

const MAX_FIGURES = 50

/** The paths in what a caller gives as charts. InvalidError for anything else. */
function pathsIn(given: Json | undefined, parameter: string): readonly string[] {
  const { charts, files } = (isJsonObject(given) ? given : {}) as { readonly [field: string]: Json | undefined }
  const paths = z
    .array(z.string().min(1))
    .min(1)
    .max(MAX_FIGURES)
    .safeParse(typeof given === 'string' ? listIn(given) : (charts ?? files ?? given))
  if (paths.success) return paths.data
  throw new InvalidError(`${parameter}: expected 1 to ${MAX_FIGURES} paths of pictures.`, {
    place: { path: parameter },
  })
}

/** A list that a template wrote, or one path. */
const listIn = (text: string): unknown => (/^\s*\[/.test(text) ? tryParseExact(text) : [text.trim()])

/** A picture that was saved before. */
type Figure = { readonly path: string; readonly type: 'image/png' | 'image/svg+xml'; readonly bytes: Uint8Array }

async function readFigure(path: string, context: ToolContext): Promise<Figure> {
  const ending = extname(path).toLowerCase()
  const type = ending === '.png' ? 'image/png' : ending === '.svg' ? 'image/svg+xml' : undefined
  if (!type) throw new InvalidError(`${path}: expected a chart in png or svg.`, { hint: 'Draw it with `format: svg`.' })
  return { path, type, bytes: await readFileBytes(path, context) }
}

/** The text of an SVG that draws all by itself. InvalidError for pictures or entities, which would read files. */
function plainSvg({ path, bytes }: Figure): string {
  const text = Buffer.from(bytes).toString('utf8')
  if (!/<(?:[\w-]+:)?(?:fe)?image\b|<!doctype|<!entity/i.test(text)) return text
  throw new InvalidError(`${path}: expected an SVG without pictures and entities.`)
}
