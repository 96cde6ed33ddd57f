import type {
  LanguageModelV4Content,
  LanguageModelV4Reasoning,
  LanguageModelV4StreamPart,
  LanguageModelV4Text,
} from '@ai-sdk/provider'

/** What a reply that comes in parts amounts to so far, in the order in which its pieces began. */
export interface Content {
  add(part: LanguageModelV4StreamPart): void
  read(): readonly LanguageModelV4Content[]
}

type Growing = LanguageModelV4Text | LanguageModelV4Reasoning
type Piece = Extract<LanguageModelV4StreamPart, { readonly id: string }>

/** Puts texts, thoughts and calls of tools together from their parts. */
export function createContent(): Content {
  const content: LanguageModelV4Content[] = []
  const open = new Map<string, Growing>()
  const growing = (type: Growing['type'], { id }: Piece): Growing => {
    const found = open.get(type + id) ?? { type, text: '' }
    if (!open.has(type + id)) content.push(found)
    open.set(type + id, found)
    return found
  }
  const grow = (type: Growing['type'], part: Piece) => {
    const piece = growing(type, part)
    if ('delta' in part) piece.text += part.delta
    if (part.providerMetadata) piece.providerMetadata = { ...piece.providerMetadata, ...part.providerMetadata }
    if ('citations' in part && part.citations) Object.assign(piece, { citations: part.citations })
    if (part.type.endsWith('-end')) open.delete(type + part.id)
  }
  return {
    add(part) {
      if (part.type === 'tool-call') content.push(part)
      else if (isOf('text', part)) grow('text', part)
      else if (isOf('reasoning', part)) grow('reasoning', part)
    },
    read: () => content,
  }
}

function isOf(type: Growing['type'], part: LanguageModelV4StreamPart): part is Piece {
  return part.type === `${type}-start` || part.type === `${type}-delta` || part.type === `${type}-end`
}
