import type { ChainEvent } from '../../chain/protocol/ask-state.ts'
import type { Hit } from '../../chain/protocol/phase-types.ts'
import type { Json } from '../../kernel/schema.ts'

type PhaseEnd = Extract<ChainEvent, { readonly type: 'phase-end' }>
type Fields = { readonly [name: string]: Json }

/**
 * What upstream tells of some phases beside their text. Only what the chain has: no similarity to what others asked, no rewards, and no web
 * results where nothing searches the web.
 */
export function extrasOf({ phase, status, text, hits = [] }: PhaseEnd): Fields {
  if (phase === 'experience.vectors') return { vector_results: hits.slice(0, MOST).map(resultOf) }
  if (phase === 'experience.web') return { web_results: [] }
  return phase === 'yield' && status === 'completed' ? { citations: citedIn(text) } : {}
}

const MOST = 10

function resultOf({ score, vid, text }: Hit): Json {
  return { score: Math.round(score * 1000) / 1000, id: vid, content: opening(text), content_preview: preview(text) }
}

/** Three paragraphs, at most 500 characters. */
const opening = (text: string) => text.split('\n\n').slice(0, 3).join('\n\n').slice(0, 500)

const preview = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}...` : text)

/** In the order of their first mention. The tags in an answer are of what was retrieved: others were taken out of it. */
function citedIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/<vid>([^<\n]*)<\/vid>/g)].map(([, id]) => id!))]
}
