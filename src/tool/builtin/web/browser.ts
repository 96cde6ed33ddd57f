import { extname } from 'node:path'
import { z } from 'zod'
import { InvalidError, TerminalError } from '../../../errors.ts'
import type { PageSource, WebPage } from '../../../web/page/article.ts'
import type { WebResponse } from '../../../web/request.ts'
import { type OffloadJob, processOffload } from '../../../worker/offload/offload.ts'
import { servicesOf } from '../../services.ts'
import { defineTool, type Tool, type ToolContext } from '../../tool.ts'
import { webSearchTool } from './web-search.ts'

/** Bytes of a page that are read: more would hold a thread for too long. */
const MAX_PAGE_BYTES = 5_000_000
const READ_TIMEOUT_MS = 20_000

const url = z.string().min(1).max(8192)
const input = z.strictObject({
  url,
  extract_main_content: z.boolean().default(true),
  selector: z.string().min(1).max(1000).optional(),
  include_metadata: z.boolean().default(true),
  timeout: z.number().positive().max(600).default(30),
})
type Visit = z.infer<typeof input>

const link = z.object({ text: z.string(), url: z.string() })
const output = z.object({
  url: z.string(),
  status_code: z.int(),
  title: z.string(),
  text: z.string(),
  content: z.string(),
  word_count: z.int(),
  links: z.array(link),
  images: z.array(z.object({ alt: z.string(), url: z.string() })),
  metadata: z.record(z.string(), z.string()),
})

/**
 * `headless-browser:navigate`, `scrape` and `extract`: fetches a page and gives its text as markdown, with its links, images and metadata.
 * Scripts in the page do not run. `navigate` reads the whole page; `scrape` reads the article on it; `extract` reads the elements that
 * `selector` finds.
 */
const readTools: readonly Tool[] = [
  defineTool({
    name: 'headless-browser:navigate',
    description: 'Fetches a page and reads all of it',
    ...{ input, output, effect: 'idempotent' as const },
    execute: (visit, context) => read({ ...visit, extract_main_content: false }, context),
  }),
  defineTool({
    name: 'headless-browser:scrape',
    description: 'Fetches a page and reads the article on it',
    ...{ input, output, effect: 'idempotent' as const },
    execute: read,
  }),
  defineTool({
    name: 'headless-browser:extract',
    description: 'Fetches a page and reads the elements that a CSS selector finds',
    ...{ input, output, effect: 'idempotent' as const },
    execute: read,
  }),
]

/** `headless-browser:verify`: whether a page is there. A page that is not is no failure; an address that is refused is one. */
const verifyTool = defineTool({
  name: 'headless-browser:verify',
  description: 'Tells whether a page is there',
  input: z.strictObject({ url, timeout: z.number().positive().max(600).default(30) }),
  output: z.object({ url: z.string(), accessible: z.boolean(), status_code: z.int(), content_type: z.string() }),
  effect: 'idempotent',
  async execute({ url, timeout }, context) {
    const web = await servicesOf(context).web()
    const response = await web.request({
      url,
      timeout: timeout * 1000,
      maxBytes: MAX_PAGE_BYTES,
      signal: context.signal,
    })
    return {
      url: response.url,
      accessible: response.status < 400,
      status_code: response.status,
      content_type: response.headers['content-type'] ?? '',
    }
  },
})

/** `headless-browser:search` is `web-search:search` under the name that older pipelines use. */
const searchTool = defineTool({ ...webSearchTool, name: 'headless-browser:search' })

/** Pages of the web, read without a browser. */
export const browserTools: readonly Tool[] = [...readTools, verifyTool, searchTool]

const READ_JOB: OffloadJob = {
  file: new URL(`../../../web/page/article${extname(import.meta.url)}`, import.meta.url),
  name: 'readPage',
}

async function read(visit: Visit, context: ToolContext) {
  const response = await fetchPage(visit, context)
  const type = response.headers['content-type'] ?? 'text/html'
  const page = /html|xml/i.test(type) ? await readHtml(response, visit, context) : asText(response, type)
  return {
    url: response.url,
    status_code: response.status,
    ...page,
    content: page.text,
    metadata: visit.include_metadata ? page.metadata : {},
  }
}

async function fetchPage({ url, timeout }: Visit, context: ToolContext): Promise<WebResponse> {
  const web = await servicesOf(context).web()
  const headers = { accept: 'text/html,application/xhtml+xml,text/plain;q=0.8,*/*;q=0.5' }
  const response = await web.request({
    url,
    headers,
    timeout: timeout * 1000,
    maxBytes: MAX_PAGE_BYTES,
    signal: context.signal,
  })
  if (response.status < 400) return response
  throw new TerminalError(`${new URL(response.url).origin} answers ${response.status}`, { code: 'http_status' })
}

function readHtml(response: WebResponse, visit: Visit, context: ToolContext): Promise<WebPage> {
  const { selector, extract_main_content: main } = visit
  const source: PageSource = {
    html: new TextDecoder().decode(response.body),
    url: response.url,
    main,
    ...(selector !== undefined && { selector }),
  }
  const terms = {
    share: context.share ?? '',
    deadline: READ_TIMEOUT_MS,
    what: 'Reading this page',
    signal: context.signal,
  }
  return processOffload().run(READ_JOB, source, terms) as Promise<WebPage>
}

function asText({ body }: WebResponse, type: string): WebPage {
  if (!/^text\/|json/i.test(type))
    throw new InvalidError(`expected a page, got ${type}`, { hint: 'http-client saves files: set `output_path`' })
  const text = new TextDecoder().decode(body)
  return { title: '', text, word_count: text.split(/\s+/).filter(Boolean).length, links: [], images: [], metadata: {} }
}
