import { z } from 'zod'
import { attached, fileRef } from '../../files/attached.ts'
import { defineTool, servicesOf } from '../../tool.ts'
import { filePathInput, pathsAt } from '../filesystem/path.ts'
import { saveBytes } from '../filesystem/save.ts'
import { checkStatus } from './read-page.ts'

const pixels = z.int().min(100).max(4000)

/** `headless-browser:screenshot`: opens a page in Chromium and saves a picture of it as PNG. */
export const screenshotTool = defineTool({
  name: 'headless-browser:screenshot',
  description: 'Takes a picture of a page, as PNG',
  input: z.strictObject({
    url: z.string().min(1).max(8192),
    output_path: filePathInput.default('screenshot.png').describe('file for the picture'),
    selector: z.string().min(1).max(1000).optional().describe('only the first element that it finds'),
    full_page: z.boolean().default(false).describe('all of the page instead of the window'),
    width: pixels.default(1280).describe('pixels'),
    height: pixels.default(800).describe('pixels'),
    timeout: z.number().positive().max(600).default(30).describe('seconds'),
  }),
  output: z.object({
    url: z.string(),
    status_code: z.int(),
    title: z.string(),
    path: z.string(),
    size: z.int(),
    sandbox: z.string(),
    attachment: fileRef.exactOptional(),
  }),
  paths: ['output_path'],
  changes: pathsAt(['output_path'], 'screenshot.png'),
  effect: 'idempotent',
  async execute({ url, output_path: path, selector, full_page: whole, width, height, timeout }, context) {
    const { visitPage } = await import('../../chromium/visit.ts')
    const picture = { width, height, whole, ...(selector !== undefined && { selector }) }
    const visit = { url, timeout: timeout * 1000, signal: context.signal, picture }
    const page = await visitPage(await servicesOf(context).web(), visit)
    checkStatus(page.url, page.status)
    await saveBytes(path, page.picture!, context)
    return {
      url: page.url,
      status_code: page.status,
      title: page.title,
      path,
      size: page.picture!.length,
      sandbox: page.sandbox,
      ...(await attached(path, page.picture!, context)),
    }
  },
})
