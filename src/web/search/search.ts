import { InvalidError, RetryableError, TerminalError } from '../../errors.ts'
import type { Web, WebResponse } from '../request.ts'
import type { SearchBackend, SearchQuery, WebSearchResult } from './backend.ts'
import { brave, duckduckgo, searxng, tavily } from './backends.ts'

/** The settings under `search:` in antiphon.yaml. */
export type SearchSettings = {
  readonly backend: SearchBackendName
  /** where it answers, instead of its public URL; searxng needs it */
  readonly url?: string
  /** the key itself: `secret://NAME` is resolved before */
  readonly key?: () => Promise<string>
  /** dollars that one search costs */
  readonly cost?: number
}

const BACKENDS = { brave, tavily, searxng, duckduckgo } as const satisfies { readonly [name: string]: SearchBackend }
type SearchBackendName = keyof typeof BACKENDS
const SEARCH_BACKENDS = Object.keys(BACKENDS) as readonly SearchBackendName[]

/** Asks the search service. TerminalError `search_missing` where none is configured. */
export async function search(
  web: Web,
  settings: SearchSettings | undefined,
  query: SearchQuery,
  signal: AbortSignal,
): Promise<readonly WebSearchResult[]> {
  const { name, backend, url, key } = await configured(settings)
  const response = await web.request({
    ...backend.request(query, url, key),
    configured: true,
    timeout: SEARCH_TIMEOUT_MS,
    signal,
  })
  if (response.status === 429 || response.status >= 500)
    throw new RetryableError(`The search service ${name} answers ${response.status}.`, { code: 'search_failed' })
  if (response.status >= 400) throw refused(name, response.status)
  return resultsOf(name, backend, response).slice(0, query.count)
}

const SEARCH_TIMEOUT_MS = 20_000

async function configured(settings: SearchSettings | undefined) {
  if (!settings)
    throw new TerminalError('No search service is configured.', {
      code: 'search_missing',
      hint: `Write in antiphon.yaml: search: { backend: ${SEARCH_BACKENDS.join(' | ')}, key: secret://NAME }`,
    })
  const backend: SearchBackend = BACKENDS[settings.backend]
  const url = settings.url ?? backend.url
  if (url === undefined) throw new InvalidError(`search: ${settings.backend} needs the \`url\` of a server.`)
  if (backend.needsKey && !settings.key) throw new InvalidError(`search: ${settings.backend} needs a \`key\`.`)
  return { name: settings.backend, backend, url, key: (await settings.key?.()) ?? '' }
}

function refused(name: string, status: number): TerminalError {
  const isKey = status === 401 || status === 403
  return new TerminalError(`The search service ${name} answers ${status}.`, {
    code: 'search_failed',
    ...(isKey && { hint: 'Check `key` under `search:` in antiphon.yaml.' }),
  })
}

function resultsOf(name: string, backend: SearchBackend, response: WebResponse): readonly WebSearchResult[] {
  try {
    return backend.results(response)
  } catch (cause) {
    throw new TerminalError(`The search service ${name} sent something unexpected.`, { code: 'bad_response', cause })
  }
}
