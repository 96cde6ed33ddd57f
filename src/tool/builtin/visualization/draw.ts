import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { installCommand } from '../../../lib/manifest.ts'

/** A chart to be drawn: a specification in Vega-Lite. */
export type DrawJob = { readonly specification: { readonly [field: string]: Json } }

/** Draws a chart as SVG. Nothing is loaded, whatever the specification names. */
export async function drawSvg({ specification }: DrawJob): Promise<string> {
  const { vega, compile } = await loadVega()
  const parsed = vega.parse(compile(specification as never).spec)
  const view = new vega.View(parsed, { renderer: 'none', loader: NO_LOADER as never })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

const refuse = async (): Promise<never> => {
  throw new TerminalError('A chart loads nothing.', { code: 'address_refused' })
}
const NO_LOADER = { load: refuse, sanitize: refuse, http: refuse, file: refuse }

/**
 * Turns an SVG into a PNG of the same size. It has no pictures of its
 * own: those would be read from anywhere on this machine.
 */
export async function drawPng({ svg }: { readonly svg: string }): Promise<Uint8Array> {
  const { Resvg } = await loadResvg()
  return new Resvg(svg, { font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' } }).render().asPng()
}

async function loadVega() {
  try {
    const [vega, lite] = await Promise.all([import('vega'), import('vega-lite')])
    return { vega, compile: lite.compile }
  } catch (cause) {
    throw missing(['vega', 'vega-lite'], cause)
  }
}

async function loadResvg() {
  try {
    return await import('@resvg/resvg-js')
  } catch (cause) {
    throw missing(['@resvg/resvg-js'], cause)
  }
}

function missing(packages: readonly string[], cause: unknown): TerminalError {
  return new TerminalError(`Charts need ${packages.join(' and ')}, which cannot be loaded.`, {
    code: 'peer_missing',
    hint: installCommand(...packages),
    cause,
  })
}
