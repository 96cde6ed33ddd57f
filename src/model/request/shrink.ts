import type { Document } from '../prompt/task.ts'
import { truncate } from '../text/strings.ts'
import { allDocuments, isTextFile } from './files.ts'
import type { ModelRequest } from './request.ts'

/** Shorter documents are never the reason why a request is too long. */
const MIN_SHRINKABLE_LENGTH = 200
/** How often a request is halved: down to an eighth of its documents. */
const MAX_ROUNDS = 3

/**
 * Versions of a request to try, one after the other, when its model reports that it is too long: each has half of the
 * text of the one before. The longest documents are cut first, all to one length, and keep their beginnings; the
 * question stays whole. Ends when there is nothing to cut.
 */
export function* shrinkRequest(request: ModelRequest): Generator<ModelRequest> {
  yield request
  const documents = allDocuments(request)
  const files = request.files?.filter((file) => !isTextFile(file))
  let size = sizeOf(documents)
  for (let round = 0; round < MAX_ROUNDS && size > MIN_SHRINKABLE_LENGTH; round++) {
    size = Math.floor(size / 2)
    yield { ...request, documents: cutTo(size, documents), ...(files && { files }) }
  }
}

/** The note on a reply to a shortened request. */
export function describeCut(model: string, asked: ModelRequest, request: ModelRequest): string {
  const share = sizeOf(allDocuments(asked)) / sizeOf(allDocuments(request))
  return `${model} was given ${Math.round(share * 100)} % of the text: all of it is too long for this model`
}

const sizeOf = (documents: readonly Document[]) => documents.reduce((sum, { text }) => sum + text.length, 0)

function cutTo(size: number, documents: readonly Document[]): readonly Document[] {
  const length = commonLength(
    size,
    documents.map(({ text }) => text.length),
  )
  return documents.map((document) =>
    document.text.length <= length ? document : { ...document, text: cutAt(document.text, length) },
  )
}

/** The length to which longer documents are cut, so that all of them together have that size. */
function commonLength(size: number, lengths: readonly number[]): number {
  const ascending = lengths.toSorted((one, other) => one - other)
  let left = size
  for (const [at, length] of ascending.entries()) {
    const each = Math.floor(left / (ascending.length - at))
    if (length > each) return each
    left -= length
  }
  return Number.POSITIVE_INFINITY
}

/** Cuts after a word if one ends nearby. */
function cutAt(text: string, length: number): string {
  const space = text.lastIndexOf(' ', length)
  return truncate(text, space > length * 0.9 ? space : length)
}
