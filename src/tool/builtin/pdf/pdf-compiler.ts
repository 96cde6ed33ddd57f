import { extname } from 'node:path'
import { z } from 'zod'
import { InvalidError } from '../../../errors.ts'
import { fileNameNote, READ_FIRST } from '../../../lib/file-name.ts'
import { type OffloadJob, processOffload } from '../../../worker/offload/offload.ts'
import { defineTool, type ToolContext } from '../../tool.ts'
import { filePathInput, pathsAt } from '../filesystem/path.ts'
import { readFileBytes } from '../filesystem/read.ts'
import { saveBytes } from '../filesystem/save.ts'
import type { DocumentSource, MarkedDocument } from './document.ts'

const text = z.string().max(2_000_000)
const line = z.string().max(1000)
const input = z
  .strictObject({
    content: text.optional().describe('markdown; pictures in it are files below the roots'),
    markdown_content: text.optional().describe('the same under another name'),
    output_path: filePathInput.default('document.pdf').describe('file for the PDF'),
    title: line.optional().describe('stands above the text and at the foot of each page'),
    author: line.optional(),
    format: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['pdf', 'a4', 'letter'], 'expected a4 or letter'))
      .default('a4')
      .describe('paper: a4 or letter'),
    include_toc: z.boolean().default(false).describe('the headings as a list above the text'),
    include_timestamp: z.boolean().default(false).describe('the date above the text'),
    install_if_missing: z.boolean().optional().describe('no effect: nothing is installed'),
    timeout: z.number().positive().max(600).default(60).describe('seconds'),
  })
  .refine((call) => (call.content ?? call.markdown_content) !== undefined, 'expected `content`: the text as markdown')
  .meta({ anyOf: [{ required: ['content'] }, { required: ['markdown_content'] }] })

/** `pdf-compiler:compile`: prints markdown as PDF, and HTML in it as text. Without scripts and a network. */
export const pdfTool = defineTool({
  name: 'pdf-compiler:compile',
  description: 'Makes a PDF from Markdown',
  input,
  output: z.object({
    path: z.string(),
    output_path: z.string(),
    file_size: z.int(),
    message: z.string(),
    sandbox: z.string(),
  }),
  paths: ['output_path'],
  changes: pathsAt(['output_path'], 'document.pdf'),
  effect: 'idempotent',
  async execute(call, context) {
    const warning = fileNameNote('content', call.content ?? call.markdown_content, READ_FIRST)
    if (warning) context.tell?.({ warning })
    const { printPdf } = await import('../../chromium/print.ts')
    const html = await withPictures(await documentIn(call, context), context)
    const { pdf, sandbox } = await printPdf({
      html,
      format: call.format === 'letter' ? 'Letter' : 'A4',
      footer: call.title ?? '',
      timeout: call.timeout * 1000,
      signal: context.signal,
    })
    const path = call.output_path
    await saveBytes(path, pdf, context)
    return { path, output_path: path, file_size: pdf.length, message: `saved ${path}`, sandbox }
  },
})

const DOCUMENT_JOB: OffloadJob = {
  file: new URL(`./document${extname(import.meta.url)}`, import.meta.url),
  name: 'documentOf',
}
const DOCUMENT_TIMEOUT_MS = 20_000

function documentIn(call: z.infer<typeof input>, context: ToolContext): Promise<MarkedDocument> {
  const { title, author } = call
  const source: DocumentSource = {
    markdown: (call.content ?? call.markdown_content)!,
    ...(title !== undefined && { title }),
    ...(author !== undefined && { author }),
    ...(call.include_timestamp && { date: new Date().toISOString().slice(0, 10) }),
    contents: call.include_toc,
  }
  const what = 'Reading this markdown'
  const terms = { share: context.share ?? '', deadline: DOCUMENT_TIMEOUT_MS, what, signal: context.signal }
  return processOffload().run(DOCUMENT_JOB, source, terms) as Promise<MarkedDocument>
}

const TYPES: { readonly [ending: string]: string | undefined } = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
}

const MAX_PICTURES_BYTES = 30_000_000

/** A document's HTML with pictures from the roots. InvalidError for other files, and for too many bytes. */
async function withPictures({ html, pictures }: MarkedDocument, context: ToolContext): Promise<string> {
  const sources = new Map<string, string>()
  let size = 0
  for (const [index, path] of pictures.entries()) {
    const type = TYPES[extname(path).toLowerCase()]
    if (!type) throw new InvalidError(`${path}: expected a picture (${Object.keys(TYPES).join(', ')}).`)
    const bytes = await readFileBytes(path, context)
    size += bytes.length
    if (size > MAX_PICTURES_BYTES)
      throw new InvalidError(`The pictures have more than ${MAX_PICTURES_BYTES} bytes.`, { code: 'too_large' })
    sources.set(String(index), `data:${type};base64,${Buffer.from(bytes).toString('base64')}`)
  }
  // no text can hold this: quotes are escaped everywhere else
  return html.replace(/src="picture:(\d+)"/g, (whole, index: string) =>
    sources.has(index) ? `src="${sources.get(index)}"` : whole,
  )
}
