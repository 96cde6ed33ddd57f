import { Marked, type Tokens } from 'marked'
import { escapeHtml } from '../../../lib/text/escape-html.ts'

/** A text in markdown, and what stands around it. */
export type DocumentSource = {
  readonly markdown: string
  /** stands above the text, unless the text begins with a title of its own */
  readonly title?: string
  readonly author?: string
  readonly date?: string
  /** the headings as a list, above the text */
  readonly contents: boolean
}

/** A document of HTML. A picture of it stands as `src="picture:N"`, N counted from 0. */
export type MarkedDocument = { readonly html: string; readonly pictures: readonly string[] }

type Heading = { readonly depth: number; readonly id: string; readonly html: string }

/** Turns markdown into a document for print. Its HTML is shown as text, so nothing in it is run or loaded. */
export function documentOf({ markdown, title, author, date, contents }: DocumentSource): MarkedDocument {
  const pictures: string[] = []
  const headings: Heading[] = []
  const marked = new Marked({ gfm: true })
  marked.use({
    renderer: {
      html: ({ text, block }: Tokens.HTML | Tokens.Tag) => (block ? `<p>${escapeHtml(text)}</p>` : escapeHtml(text)),
      heading({ tokens, depth }: Tokens.Heading) {
        const html = this.parser.parseInline(tokens)
        const id = `heading-${headings.length + 1}`
        headings.push({ depth, id, html })
        return `<h${depth} id="${id}">${html}</h${depth}>\n`
      },
      link({ href, tokens }: Tokens.Link) {
        const inside = this.parser.parseInline(tokens)
        return /^(?:https?:|mailto:|#)/i.test(href) ? `<a href="${escapeHtml(href)}">${inside}</a>` : inside
      },
      image({ href, text }: Tokens.Image) {
        // there is no network where it is printed
        if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return `<span class="picture">[${escapeHtml(text || href)}]</span>`
        return `<img src="picture:${pictures.push(href) - 1}" alt="${escapeHtml(text)}">`
      },
    },
  })
  const body = marked.parse(markdown, { async: false })
  const ownTitle = /^\s*# /.test(markdown)
  const head = [
    title !== undefined && !ownTitle ? `<h1 class="title">${escapeHtml(title)}</h1>` : '',
    ...[author, date].map((line) => (line === undefined ? '' : `<p class="line">${escapeHtml(line)}</p>`)),
    contents ? contentsOf(headings) : '',
  ]
  return { html: pageOf(title ?? 'Document', `${head.join('\n')}\n${body}`), pictures }
}

/** Headings deeper than this are not in the contents. */
const MAX_CONTENTS_DEPTH = 3

function contentsOf(headings: readonly Heading[]): string {
  const lines = headings
    .filter(({ depth }) => depth <= MAX_CONTENTS_DEPTH)
    .map(({ depth, id, html }) => `<li class="depth-${depth}"><a href="#${id}">${textIn(html)}</a></li>`)
  return lines.length === 0 ? '' : `<nav><ul>${lines.join('\n')}</ul></nav>`
}

// a heading may hold a link, and a link holds none
const textIn = (html: string) => html.replace(/<[^<>]*>/g, '')

const pageOf = (title: string, body: string) => `<!doctype html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>
${body}
</body></html>`

/** How a printed document looks. */
const STYLE = `
body { font: 10.5pt/1.5 "Liberation Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; color: #1a1a1a; margin: 0; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 1.4em 0 0.5em; break-after: avoid; }
h1 { font-size: 20pt; } h2 { font-size: 15pt; } h3 { font-size: 12.5pt; } h4, h5, h6 { font-size: 10.5pt; }
h1:first-child { margin-top: 0; } h2 { border-bottom: 0.5pt solid #ccc; padding-bottom: 2pt; }
p, ul, ol, table, pre, blockquote { margin: 0 0 0.8em; }
p { orphans: 3; widows: 3; overflow-wrap: anywhere; }
p.line { color: #555; margin: 0 0 0.3em; }
a { color: #0b57a4; text-decoration: none; }
code, pre { font: 9pt/1.4 "Liberation Mono", "DejaVu Sans Mono", monospace; background: #f4f4f4; }
code { padding: 0 2pt; } pre { padding: 6pt 8pt; white-space: pre-wrap; overflow-wrap: anywhere; } pre code { padding: 0; }
blockquote { border-left: 2pt solid #ccc; color: #555; margin-left: 0; padding-left: 10pt; }
table { border-collapse: collapse; width: 100%; font-size: 9.5pt; }
thead { display: table-header-group; } tr { break-inside: avoid; }
th, td { border: 0.5pt solid #bbb; padding: 3pt 6pt; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #f0f0f0; }
th[align=right], td[align=right] { text-align: right; } th[align=center], td[align=center] { text-align: center; }
img { max-width: 100%; max-height: 220mm; break-inside: avoid; }
hr { border: 0; border-top: 0.5pt solid #ccc; }
nav ul { list-style: none; padding: 0; } nav .depth-2 { margin-left: 1.2em; } nav .depth-3 { margin-left: 2.4em; }
`
