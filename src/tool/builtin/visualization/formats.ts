import { extname } from 'node:path'
import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { installLeaf, leafModule } from '../../../lib/package/leaf.ts'
import { escapeHtml } from '../../../lib/text/escape-html.ts'
import { type OffloadJob, processOffload } from '../../../worker/offload/offload.ts'
import type { ToolContext } from '../../tool.ts'

export const chartFormat = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['png', 'svg', 'html'], 'expected png, svg or html'))

const DRAW_TIMEOUT_MS = 30_000
const DRAW: OffloadJob = { file: new URL(`./draw${extname(import.meta.url)}`, import.meta.url), name: 'draw' }
const LEAF = '@antiphon/media'

/** Draws a specification of Vega-Lite as SVG. */
export const toSvg = (specification: { readonly [field: string]: Json }, context: ToolContext) =>
  inProcess({ specification }, context) as Promise<string>

export async function encodeChart(
  svg: string,
  format: z.infer<typeof chartFormat>,
  title: string,
  context: ToolContext,
): Promise<Uint8Array> {
  if (format === 'png') return (await inProcess({ svg }, context)) as Uint8Array
  return Buffer.from(
    format === 'svg' ? svg : pageWith(title, `<img src="${dataUrl('image/svg+xml', Buffer.from(svg))}" alt="">`),
  )
}

/** A page without scripts that shows pictures. */
export const pageWith = (title: string, body: string, style = '') => `<!doctype html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title><style>body { font-family: sans-serif; margin: 2em } img { max-width: 100% } ${style}</style></head>
<body>
${body}
</body></html>
`

/** A picture as part of a page. */
export const dataUrl = (type: string, bytes: Uint8Array) =>
  `data:${type};base64,${Buffer.from(bytes).toString('base64')}`

async function inProcess(job: object, context: ToolContext): Promise<unknown> {
  const module = leafModule(LEAF)
  if (module === undefined)
    throw new TerminalError(`Charts need ${LEAF}, which is not installed.`, {
      code: 'peer_missing',
      hint: installLeaf(LEAF),
    })
  const terms = {
    share: context.share ?? '',
    deadline: DRAW_TIMEOUT_MS,
    what: 'Drawing this chart',
    signal: context.signal,
  }
  return processOffload().run(DRAW, { module, ...job }, terms)
}
