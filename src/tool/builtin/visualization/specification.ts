import type { Json, JsonObject } from '../../../kernel/json.ts'
import { cellOf, isMissingCell, parseCellNumber, type Table } from '../table/table.ts'
import { type ChartColumns, type ChartType, type ColumnKind, kindOf } from './columns.ts'

type ChartLook = {
  readonly title?: string
  readonly theme: 'light' | 'dark'
  /** pixels */
  readonly width: number
  readonly height: number
}

/** A chart in Vega-Lite. Its columns get names of ours: no text of the data becomes part of an expression. */
export function specificationOf(type: ChartType, table: Table, columns: ChartColumns, look: ChartLook): JsonObject {
  const kinds = { x: kindOf(table, columns.x), y: columns.y === undefined ? undefined : kindOf(table, columns.y) }
  return {
    data: { values: valuesOf(table, columns, kinds.x) },
    width: look.width,
    height: look.height,
    autosize: { type: 'fit', contains: 'padding' },
    padding: 10,
    ...(look.title !== undefined && { title: look.title }),
    config: THEMES[look.theme],
    ...MARKS[type](columns, kinds),
  }
}

const INK = '#e6e6e6'
const THEMES: { readonly [Theme in ChartLook['theme']]: JsonObject } = {
  light: { background: '#ffffff', font: 'sans-serif' },
  dark: {
    background: '#1e1e1e',
    font: 'sans-serif',
    title: { color: INK },
    axis: { labelColor: INK, titleColor: INK, gridColor: '#444444', domainColor: '#888888', tickColor: '#888888' },
    legend: { labelColor: INK, titleColor: INK },
    view: { stroke: '#444444' },
  },
}

type Kinds = { readonly x: ColumnKind; readonly y: ColumnKind | undefined }

const MARKS: { readonly [Type in ChartType]: (columns: ChartColumns, kinds: Kinds) => JsonObject } = {
  bar: (columns, { x }) => ({
    mark: 'bar',
    encoding: {
      x: { ...channel('x', columns.x, x === 'quantitative' ? 'ordinal' : x), sort: null },
      y: amount(columns),
      ...colors(columns),
    },
  }),
  line: (columns, { x }) => ({
    mark: { type: 'line', point: true },
    encoding: { x: { ...channel('x', columns.x, x), sort: null }, y: value(columns), ...colors(columns) },
  }),
  scatter: (columns, kinds) => ({
    mark: { type: 'point', filled: true },
    encoding: { x: unanchored(channel('x', columns.x, kinds.x)), y: unanchored(value(columns)), ...colors(columns) },
  }),
  pie: (columns) => ({
    mark: 'arc',
    encoding: { theta: amount(columns), color: { ...channel('x', columns.x, 'nominal'), sort: null } },
    view: { stroke: null },
  }),
  histogram: (columns) => ({
    mark: 'bar',
    encoding: { x: { ...channel('x', columns.x, 'quantitative'), bin: true }, y: COUNT, ...colors(columns) },
  }),
}

const COUNT = { aggregate: 'count', type: 'quantitative', title: 'count' } as const
const channel = (field: string, title: string, type: ColumnKind | 'ordinal') => ({ field, type, title })
const value = ({ y }: ChartColumns): JsonObject => channel('y', y!, 'quantitative')
const unanchored = (encoding: JsonObject) => ({ ...encoding, scale: { zero: false } })
/** Rows of the same name are added up. */
const amount = (columns: ChartColumns): JsonObject =>
  columns.y === undefined ? COUNT : { ...value(columns), aggregate: 'sum' }
const colors = ({ series }: ChartColumns): JsonObject =>
  series === undefined ? {} : { color: channel('series', series, 'nominal') }

function valuesOf(table: Table, { x, y, series }: ChartColumns, kind: ColumnKind): Json {
  return table.rows.map((row) => ({
    x: kind === 'quantitative' ? numberIn(cellOf(row, x)) : labelOf(cellOf(row, x)),
    ...(y !== undefined && { y: numberIn(cellOf(row, y)) }),
    ...(series !== undefined && { series: labelOf(cellOf(row, series)) }),
  }))
}

const numberIn = (cell: Json | undefined) => parseCellNumber(cell) ?? null

const MAX_LABEL = 200

function labelOf(cell: Json | undefined): string | null {
  if (isMissingCell(cell)) return null
  return (typeof cell === 'string' ? cell : JSON.stringify(cell)).slice(0, MAX_LABEL)
}
