import { type Charts, TerminalError } from 'antiphon/extend'

/** Draws charts by Vega-Lite. Nothing is loaded, whatever a specification names. */
export const charts: Charts = {
  async svg(specification) {
    const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
    const parsed = vega.parse(compile(specification as never).spec)
    const view = new vega.View(parsed, { renderer: 'none', loader: NO_LOADER as never })
    try {
      return await view.toSVG()
    } finally {
      view.finalize()
    }
  },
  // a chart has no pictures of its own: those would be read from anywhere on this machine
  async png(svg) {
    const { Resvg } = await import('@resvg/resvg-js')
    return new Resvg(svg, { font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' } }).render().asPng()
  },
}

const refuse = async (): Promise<never> => {
  throw new TerminalError('A chart loads nothing.', { code: 'address_refused' })
}
const NO_LOADER = { load: refuse, sanitize: refuse, http: refuse, file: refuse }
