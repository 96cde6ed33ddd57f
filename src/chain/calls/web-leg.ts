import { z } from 'zod'
import { problemOf } from '../../errors.ts'
import { clip } from '../../lib/clip.ts'
import { textDocument } from '../../source/split.ts'
import type { Hit, PhaseInput, Retrieval } from '../../thread/protocol/phase-types.ts'
import { mustPropagate } from '../../work/suspension.ts'
import type { PhaseContext } from '../protocol/phase.ts'
import { hasParts, partsAfter, partsOf } from '../questions/parts.ts'
import { type SourceText, searchTexts } from '../retrieval/search-texts.ts'
import { WEB_SEARCH } from './phase-calls.ts'

/** Characters of a search, and results that it asks for. */
const MAX_QUERY = 400
const MAX_RESULTS = 10

/** Addresses that fit into a citation. The beginning of a longer one would name another page. */
const MAX_URL = 2000

const searched = z.object({
  results: z.array(z.object({ title: z.string(), url: z.string(), snippet: z.string() })),
  backend: z.string(),
})

/** Why an ask does not search the web; undefined: it does. */
export function whyNoWeb({ web }: Pick<PhaseInput, 'web'>): string | undefined {
  if (web === true) return undefined
  return web === false
    ? 'the ask does not search the web (--no-web)'
    : 'no web search is configured (`search:` in antiphon.yaml)'
}

/**
 * Searches the web for the question, or in later cycles for the gaps, and ranks the results as texts. A search that
 * fails never fails the ask: the hits of earlier cycles stay, and `lacks` says why there are no others.
 */
export async function searchWeb(input: PhaseInput, context: PhaseContext): Promise<Retrieval> {
  const known = input.outputs['experience.web']?.hits ?? []
  const query = queryOf(input)
  try {
    const { results, backend } = searched.parse(await context.call(WEB_SEARCH, { query, max_results: MAX_RESULTS }))
    const texts = results.filter(({ url }) => isPage(url)).map((result) => textOf(result, backend))
    const parts = partsOf(input)
    const apart = hasParts(parts) && { parts: parts.map(({ question }) => question) }
    const question = `${input.prompt}\n${query}`
    const { left: _, ...found } = await searchTexts(texts, { question, ...apart, known, prefix: 'w' })
    const report = { source: backend, file: 'the web', status: 'read' as const, passages: texts.length }
    return {
      hits: found.hits.map(withOrigin),
      sources: [report],
      ...(apart && { parts: partsAfter(parts, found) }),
      // the parts that nothing answers are worth a search of their own
      ...(input.continuation !== '' ? { looked: ['web'] } : apart && { left: ['web'] }),
    }
  } catch (error) {
    if (mustPropagate(error)) throw error
    return { hits: known, sources: [], lacks: [clip(`the web was not searched: ${problemOf(error).message}`, 500)] }
  }
}

/** The question of the user, or what Understanding has found missing. */
function queryOf({ prompt, continuation, outputs }: PhaseInput): string {
  const { gaps = [] } = outputs.understanding ?? {}
  const wanted = continuation === '' ? prompt : gaps.length > 0 ? gaps.join('; ') : `${prompt} ${continuation}`
  return clip(wanted.replace(/\s+/g, ' ').trim(), MAX_QUERY)
}

const isPage = (url: string) => url.length <= MAX_URL && /^https?:\/\//i.test(url) && URL.canParse(url)

/** A title and a snippet are text of strangers: a line break in them could begin a heading or a row. */
function textOf({ title, url, snippet }: z.output<typeof searched>['results'][number], backend: string): SourceText {
  const heading = title.replace(/\s+/g, ' ').trim()
  // the ending of an address does not tell how to read a snippet, so it has no name
  return {
    source: { id: backend, kind: 'web', ref: url },
    content: textDocument('', `# ${heading || url}\n\n${snippet}`),
  }
}

const withOrigin = (hit: Hit): Hit => ({ ...hit, origin: `a page of the web, ${new URL(hit.file).host}` })
