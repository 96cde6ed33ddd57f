import { InvalidError } from '../../../errors.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import type { Web } from '../../../web/request.ts'
import type { ServingPort } from '../../ports/serving.ts'

const MAX_BYTES = 25_000_000
const TIMEOUT_MS = 30_000

/** Fetches files by their addresses, as far as `web:` opens them. */
export function fileFetcher(openWeb: () => Promise<Web>): ServingPort['fetchFile'] {
  return async (url) => {
    const web = await openWeb()
    const { status, body } = await web.request({ url, maxBytes: MAX_BYTES, timeout: TIMEOUT_MS })
    if (status < 200 || status > 299) throw new InvalidError(`It answered with the status ${status}.`)
    return { content: body, name: nameIn(url) }
  }
}

function nameIn(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? ''
  return attempt(() => decodeURIComponent(last), last)
}
