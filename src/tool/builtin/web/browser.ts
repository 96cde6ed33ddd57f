import { z } from 'zod'
import { struckGap } from '../../../lib/text/struck.ts'
import { defineTool, servicesOf, type Tool, type ToolContext } from '../../tool.ts'
import { textEncodingInput } from '../filesystem/file-text.ts'
import { actTool } from './act.ts'
import { MAX_PAGE_BYTES, readPageOf } from './read-page.ts'
import { screenshotTool } from './screenshot.ts'
import { webSearchTool } from './web-search.ts'

const url = z.string().min(1).max(8192)
const input = z.strictObject({
  url,
  extract_main_content: z.boolean().default(true),
  selector: z.string().min(1).max(1000).optional(),
  include_metadata: z.boolean().default(true),
  javascript: z
    .boolean()
    .optional()
    .describe('whether Chromium runs its scripts; by default only if the page is empty without them'),
  encoding: textEncodingInput,
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
  reader: z.enum(['fetch', 'chromium']),
  truncated: z.literal(true).exactOptional(),
  text_size: z.int().exactOptional(),
  sandbox: z.string().exactOptional(),
})

/**
 * `headless-browser:navigate`, `scrape` and `extract`: fetches a page and gives its text as
 * markdown, with its links, images and metadata. `navigate` reads the whole page; `scrape`
 * reads the article on it; `extract` reads the elements that `selector` finds. Scripts in the
 * page run only in Chromium: with `javascript: true`, and where the page is empty without them.
 */
const readTools: readonly Tool[] = [
  defineTool({
    name: 'headless-browser:navigate',
    description: 'Fetches a page and reads all of it',
    input,
    output,
    effect: 'idempotent' as const,
    execute: (visit, context) => read({ ...visit, extract_main_content: false }, context),
  }),
  defineTool({
    name: 'headless-browser:scrape',
    description: 'Fetches a page and reads the article on it',
    input,
    output,
    effect: 'idempotent' as const,
    execute: read,
  }),
  defineTool({
    name: 'headless-browser:extract',
    description: 'Fetches a page and reads the elements that a CSS selector finds',
    input,
    output,
    effect: 'idempotent' as const,
    execute: read,
  }),
]

/** `headless-browser:verify`: whether a page is there. A missing page is not a failure; a refused address is one. */
const verifyTool = defineTool({
  name: 'headless-browser:verify',
  description: 'Checks whether a page exists',
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

export const browserTools: readonly Tool[] = [...readTools, verifyTool, searchTool, screenshotTool, actTool]

async function read(
  { url, extract_main_content: main, selector, javascript, include_metadata, encoding, timeout }: Visit,
  context: ToolContext,
) {
  const read = await readPageOf({ url, main, selector, javascript, encoding, timeout }, context)
  const { whole, lacks = [], struck, ...page } = read
  for (const lack of lacks) context.tell?.({ lacks: lack })
  if (struck !== undefined) context.tell?.({ warning: `the page: ${struckGap(struck)}` })
  const size = whole?.length
  if (whole !== undefined)
    context.tell?.({
      lacks: `the text of the page has ${size} characters, and the result only the first ${page.text.length}`,
      whole: { field: 'text', text: whole },
    })
  return {
    ...page,
    content: page.text,
    metadata: include_metadata ? page.metadata : {},
    ...(size !== undefined && { truncated: true as const, text_size: size }),
  }
}
