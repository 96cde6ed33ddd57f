import type { Json } from '../../../kernel/json.ts'

/** Draws charts. It runs in a process of its own with bounded memory and time. */
export interface Charts {
  /** A specification in Vega-Lite as SVG. Nothing is loaded, whatever the specification names. */
  svg(specification: { readonly [field: string]: Json }): Promise<string>
  /** An SVG without pictures of its own as a PNG of the same size. */
  png(svg: string): Promise<Uint8Array>
}
