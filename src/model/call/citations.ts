import { OFFLINE } from '../model-id.ts'
import type { Document } from '../prompt/task.ts'
import type { Citation } from '../request/request.ts'
import type { RawCitation } from './reply.ts'

/** The citations of a reply in terms of the documents given; offsets are there only where the quoted text stands at them. */
export function citationsOf(raw: readonly RawCitation[], documents: readonly Document[]): Citation[] {
  return raw.map((citation) => placedCitation(citation, documents) ?? foundCitation(citation, documents))
}

/** The offline model says which document and where. */
function placedCitation({ source }: RawCitation, documents: readonly Document[]): Citation | undefined {
  const { document: order, start, end } = source.providerMetadata?.[OFFLINE] ?? {}
  if (typeof order !== 'number' || typeof start !== 'number' || typeof end !== 'number') return undefined
  const document = documents[order]
  return document && { document: document.name, text: document.text.slice(start, end), start, end }
}

/** Others quote: the offsets are those of the first place where the quote stands word for word. */
function foundCitation({ source, citedText = '' }: RawCitation, documents: readonly Document[]): Citation {
  const name = source.title ?? source.id
  const start =
    citedText === '' ? -1 : (documents.find((document) => document.name === name)?.text.indexOf(citedText) ?? -1)
  return { document: name, text: citedText, ...(start >= 0 && { start, end: start + citedText.length }) }
}
