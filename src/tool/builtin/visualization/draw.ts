import type { Json } from '../../../kernel/json.ts'
import { importExtension } from '../../../lib/package/import-extension.ts'
import type { Charts } from './charts.ts'

/** A chart to be drawn: a specification in Vega-Lite, or its SVG. `module`: what draws it. */
export type DrawJob = { readonly module: string } & (
  | { readonly specification: { readonly [field: string]: Json } }
  | { readonly svg: string }
)

/** Draws a chart as SVG, and its SVG as PNG. It is a job of the process with bounded memory. */
export async function draw({ module, ...job }: DrawJob): Promise<string | Uint8Array> {
  const { charts } = (await importExtension(module)) as { readonly charts: Charts }
  return 'svg' in job ? charts.png(job.svg) : charts.svg(job.specification)
}
