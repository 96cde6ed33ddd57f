import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import media from '../../../../packages/media/src/index.ts'
import * as leaf from '../../../../src/lib/package/leaf.ts'
import { createChartsTool } from '../../../../src/tool/builtin/visualization/create-charts.ts'
import { createDashboardTool, exportFiguresTool } from '../../../../src/tool/builtin/visualization/dashboard.ts'
import { encodeChart, toSvg } from '../../../../src/tool/builtin/visualization/formats.ts'
import type { Tool } from '../../../../src/tool/tool.ts'
import { startServer } from '../../../web/server.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const use = (tool: Tool, input: object) => call(tool, input, contextAt(place.root))
const draw = (input: object) => use(createChartsTool, input)
const textOf = (path: unknown) => readFile(join(place.root, path as string), 'utf8')
const svgOf = async (input: object) => {
  const { charts, chart_types } = await draw({ format: 'svg', ...input })
  return { svg: await textOf((charts as string[])[0]), types: chart_types }
}
/** The role and name that Vega gives to each mark of a chart, such as a bar. */
const marksIn = (svg: string) => [...svg.matchAll(/aria-roledescription="(bar|point|arc mark|line mark)"/g)].length

const TIDES = [
  { port: 'Kiel', day: '2026-01-01', height: 1, low: 0.2 },
  { port: 'Husum', day: '2026-01-02', height: 3.5, low: 0.4 },
  { port: 'Kiel', day: '2026-01-03', height: 2, low: 0.1 },
]

describe('create_charts', () => {
  test.each([
    ['bar', { x: 'port' }, 2, ['Kiel', 'Husum', 'port', 'height']],
    ['line', {}, 4, ['height', 'day']],
    ['scatter', {}, 3, ['low', 'height']],
    ['pie', { x: 'port' }, 2, ['Kiel', 'Husum']],
    ['histogram', { x: 'height' }, 3, ['height', 'count']],
  ] as const)('draws a %s chart with its marks and labels', async (type, columns, marks, labels) => {
    const { svg, types } = await svgOf({ data: TIDES, chart_types: [type], title: 'Ebb & flow', ...columns })
    expect(types).toEqual([type])
    expect(marksIn(svg)).toBe(marks)
    for (const label of [...labels, 'Ebb &amp; flow']) expect(svg).toContain(`>${label}</text>`)
    expect(svg).toMatch(/^<svg[^>]* width="800" height="600"/)
  })

  test.each([
    [TIDES, 'line'],
    [[{ port: 'Kiel', height: 1 }], 'bar'],
    ['a,b\n1,2\n3,4\n', 'scatter'],
    [[{ a: 1 }, { a: 2 }], 'histogram'],
    [[{ port: 'Kiel' }, { port: 'Husum' }], 'bar'],
  ])('finds the chart that fits', async (data, type) => {
    expect((await svgOf({ data })).types).toEqual([type])
  })

  test('saves one file for each type, with colors by a column', async () => {
    const made = await draw({
      data: TIDES,
      chart_types: ['bar', 'pie', 'bar'],
      x: 'port',
      output_dir: 'a/b',
      format: 'svg',
      title: 'Tides!',
    })
    const charts = ['a/b/tides-1-bar.svg', 'a/b/tides-2-pie.svg']
    expect(made).toEqual({ charts, files: charts, count: 2, output_dir: 'a/b', chart_types: ['bar', 'pie'] })
    const { svg } = await svgOf({ data: TIDES, chart_types: 'line', series: 'port' })
    expect(svg).toContain('>Husum</text>')
  })

  test('draws a PNG of the size asked for, which is not empty, and a page of HTML', async () => {
    const { charts } = await draw({ data: TIDES, chart_types: ['bar'], width: 320, height: 200, theme: 'dark' })
    const bytes = await readFile(join(place.root, (charts as string[])[0]!))
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([320, 200])
    expect(coloursIn(bytes)).toBeGreaterThan(10)
    const { charts: pages } = await draw({ data: TIDES, chart_types: ['bar'], format: 'html', title: '<b>' })
    const page = await textOf((pages as string[])[0])
    expect(page).toContain('<title>&#60;b&#62;</title>')
    const [, encoded] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(page)!
    expect(marksIn(Buffer.from(encoded!, 'base64').toString())).toBeGreaterThan(0)
  })

  test('takes names and texts of the data as they are', async () => {
    const evil = { 'a.b["c"]\'': '</text><script>x</script>', 'datum.x || fetch("")': 3 }
    const { svg } = await svgOf({ data: [evil], chart_types: 'bar', title: '{{ x }} }}' })
    expect(svg).toContain('&lt;/text&gt;&lt;script&gt;')
    expect(svg).not.toContain('<script>')
    expect(svg).toContain('a.b[')
  })

  test.each([
    [{ data: [] }, 'the table is empty'],
    [{ data: TIDES, x: 'depth' }, 'there is no column "depth"'],
    [{ data: [{ a: 'x' }], chart_types: 'line' }, 'A line chart needs two columns'],
    [{ data: [{ a: 'x' }], chart_types: 'histogram' }, 'A histogram chart needs a column of numbers'],
    [{ data: 'no table' }, 'expected a list of maps'],
    [{ data: Array.from({ length: 20_001 }, (_, a) => ({ a })) }, 'at most 20000 rows'],
    [{ data: TIDES, format: 'gif' }, 'expected png, svg or html'],
  ])('refuses what it cannot draw', async (input, message) => {
    await expect(draw(input)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(message),
    })
  })
})

describe('a specification', () => {
  test('that names a URL or a file loads nothing', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { url, seen } = await startServer((_, response) => response.end('[{"a": 1}]'))
    for (const source of [`${url}/data.json`, 'file:///etc/passwd', '/etc/passwd']) {
      const specification = {
        data: { url: source },
        layer: [
          { mark: 'bar', encoding: { x: { field: 'a' } } },
          { mark: { type: 'image', url: `${url}/picture.png`, width: 9, height: 9 } },
        ],
      }
      const svg = await media.charts!.svg(specification).catch((error) => String(error))
      expect(svg).not.toContain('root:')
    }
    vi.restoreAllMocks()
    expect(seen).toEqual([])
  })
})

describe('charts that were saved', () => {
  test('stand on one page', async () => {
    const made = await draw({ data: TIDES, chart_types: ['bar', 'pie'], format: 'svg' })
    const board = await use(createDashboardTool, { charts: made, title: 'All <tides>', output_dir: 'web' })
    expect(board).toEqual({
      url: 'web/dashboard.html',
      dashboard_path: 'web/dashboard.html',
      charts_included: 2,
      layout: 'grid',
    })
    const page = await textOf('web/dashboard.html')
    expect(page.match(/<img src="data:image\/svg\+xml;base64,/g)).toHaveLength(2)
    expect(page).toContain('<h1>All &#60;tides&#62;</h1>')
    expect(page).not.toContain('<script')
  })

  test('are written in another format', async () => {
    const { charts } = await draw({ data: TIDES, chart_types: ['bar'], format: 'svg', width: 300, height: 200 })
    const made = await use(exportFiguresTool, { figures: JSON.stringify(charts), output_dir: 'out' })
    expect(made).toEqual({ files: ['out/chart-1-bar.png'], count: 1, format: 'png', output_dir: 'out' })
    const bytes = await readFile(join(place.root, 'out/chart-1-bar.png'))
    expect(bytes.readUInt32BE(16)).toBe(300)
    expect(coloursIn(bytes)).toBeGreaterThan(10)
  })

  test.each([
    ['<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/logo.png"/></svg>', 'without pictures and entities'],
    ['<svg xmlns:x="http://www.w3.org/2000/svg"><x:feImage href="a"/></svg>', 'without pictures and entities'],
    ['<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>', 'without pictures and entities'],
  ])('are refused when they would read other files: %s', async (svg, message) => {
    await writeFile(join(place.root, 'x.svg'), svg)
    const made = use(exportFiguresTool, { figures: ['x.svg'] })
    await expect(made).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining(message) })
  })

  test.each([[[]], [{}], ['[1'], [['../x.svg']], [['x.txt']], [['gone.svg']]])('%j is refused', async (charts) => {
    await expect(use(createDashboardTool, { charts })).rejects.toMatchObject({ terminal: true })
  })
})

test.each([
  ['an SVG', () => toSvg({}, contextAt('/'))],
  ['a PNG', () => encodeChart('<svg/>', 'png', '', contextAt('/'))],
])('without the package, the error of %s says how to get it', async (_, drawing) => {
  vi.spyOn(leaf, 'leafModule').mockReturnValue(undefined)
  await expect(drawing()).rejects.toMatchObject({
    code: 'peer_missing',
    hint: expect.stringContaining('npm install @antiphon/media@'),
  })
})

/** How many different pixels a PNG has, as its rows are stored. */
function coloursIn(png: Buffer): number {
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  return new Set(inflateSync(Buffer.concat(parts))).size
}
