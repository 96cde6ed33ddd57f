import { z } from 'zod'
import { InvalidError } from '../../../errors.ts'
import { clip } from '../../../lib/clip.ts'
import { present } from '../../../lib/json/present.ts'
import { secretsIn } from '../../../secret/names.ts'
import type { AdvisingTool, ToolAdvice } from '../../advice.ts'
import { pageAction, wordsOfAction } from '../../chromium/page-action.ts'
import { fileRef } from '../../files/attached.ts'
import { type CallContext, defineTool, servicesOf } from '../../tool.ts'

/** Bytes of a file that is uploaded, and characters of the text of a page in a result. */
const MAX_UPLOAD_BYTES = 25_000_000
const MAX_TEXT = 50_000

/**
 * `headless-browser:act`: opens a page in Chromium and does what a person would: clicks, fills, selects, presses,
 * uploads. All actions are one call, which is never repeated unless the step says so.
 */
const act = defineTool({
  name: 'headless-browser:act',
  description: 'Clicks, fills and sends what is on a page, in Chromium',
  input: z.strictObject({
    actions: z.array(pageAction).min(1).max(100).describe('in order; the first one opens a page'),
    timeout: z.number().positive().max(600).default(60).describe('seconds for all of them'),
  }),
  output: z.object({
    url: z.string(),
    status_code: z.int(),
    title: z.string(),
    text: z.string(),
    done: z.array(z.string()),
    sandbox: z.string(),
    attachment: fileRef.exactOptional(),
  }),
  effect: 'at-most-once',
  title: ({ actions }) => clip(`Do in a browser: ${actions.map(wordsOfAction).join(', ')}`, 200),
  async execute({ actions, timeout }, context) {
    if (!('open' in actions[0]!)) throw new InvalidError('Expected `open` as the first of `actions`.')
    const [{ actOnPages }, web] = await Promise.all([import('../../chromium/act.ts'), servicesOf(context).web()])
    const page = await actOnPages(web, {
      actions,
      timeout: timeout * 1000,
      signal: context.signal,
      file: (id) => uploaded(id, context),
      async before(doing, number, bytes) {
        const picture = await pictureOf(bytes, context)
        await context.progress?.({ doing, number, of: actions.length, ...present({ picture }) })
      },
    })
    for (const note of new Set(page.notes.slice(0, 5))) context.tell?.({ warning: note })
    if (page.text.length > MAX_TEXT)
      context.tell?.({
        lacks: `the text of the page has ${page.text.length} characters, and the result the first ${MAX_TEXT}`,
      })
    return {
      url: page.url,
      status_code: page.status,
      title: page.title,
      text: page.text.slice(0, MAX_TEXT),
      done: actions.map(wordsOfAction),
      sandbox: page.sandbox,
      ...present({ attachment: await pictureOf(page.picture, context) }),
    }
  },
})

export const actTool: AdvisingTool = Object.assign(act, {
  adviceOn: ({ actions }: { readonly actions?: unknown }) => adviceOn(actions),
})

const pictureOf = async (bytes: Uint8Array | undefined, { files }: CallContext) =>
  bytes && files?.add(bytes, { name: 'page.jpg' })

async function uploaded(id: string, { files }: CallContext) {
  if (!files) throw new InvalidError('A file can be uploaded in a run only: it is one of the owner of the run.')
  const { name, type: mimeType } = await files.find(id)
  return { name, mimeType, buffer: Buffer.from(await files.read(id, MAX_UPLOAD_BYTES)) }
}

/** A secret stands in `secret` alone, where the hosts that may get it stand beside it. */
function adviceOn(actions: unknown): readonly ToolAdvice[] {
  const others = Array.isArray(actions) ? actions.map((one) => ({ ...one, secret: undefined })) : []
  if (secretsIn(JSON.stringify(others)).length === 0) return []
  return [
    {
      parameter: 'actions',
      message: 'a secret may be typed only by `secret`, beside the `hosts` that it is for',
      hint: 'Write { fill: { label: Password }, secret: secret://NAME, hosts: [example.com] }.',
      refused: 'not_supported',
    },
  ]
}
