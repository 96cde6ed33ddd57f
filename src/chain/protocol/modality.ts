import { InvalidError } from '../../errors.ts'
import { MODALITIES, type Modality } from '../../worker/pool-id.ts'

export { MODALITIES, type Modality }

/** What may be stated: `vision` means image. */
export const STATED = [...MODALITIES, 'vision'] as const

/** A typed piece of a prompt. */
export type Part = { readonly type: string; readonly mime: string; readonly text?: string }
/** A model as the thing that is asked about: a description, never weights. */
export type ModelRef = { readonly kind: 'model'; readonly provider: string; readonly name: string }

/**
 * The modality of an input: what is stated wins (`vision` means image), else it follows from types and signs in the text,
 * always the same way. InvalidError for a modality or MIME type nobody knows.
 */
export function detectModality(input: string | Part | ModelRef | readonly Part[], stated?: string): Modality {
  if (stated !== undefined) return namedModality(stated)
  if (typeof input === 'string') return modalityOfText(input)
  if (isList(input)) return modalityOfParts(input)
  return 'kind' in input ? 'model' : modalityOfPart(input)
}

function isList(input: Part | ModelRef | readonly Part[]): input is readonly Part[] {
  return Array.isArray(input)
}

function namedModality(stated: string): Modality {
  const name = stated === 'vision' ? 'image' : stated
  const known = MODALITIES.find((modality) => modality === name)
  if (known) return known
  throw new InvalidError(`modality ${JSON.stringify(stated)} is not known`, {
    hint: `One of ${MODALITIES.join(', ')}.`,
  })
}

function modalityOfParts(parts: readonly Part[]): Modality {
  const kinds = new Set(parts.map(modalityOfPart))
  if (kinds.size === 0) throw new InvalidError('there is nothing in the prompt')
  return kinds.size > 1 ? 'multimodal' : [...kinds][0]!
}

const CODE_TYPES =
  /^(?:application\/(?:json|javascript|typescript|xml|x-sh|sql)|text\/(?:javascript|typescript|css|x-[\w-]+))$/

function modalityOfPart({ mime, text }: Part): Modality {
  const type = mime.toLowerCase().split(';')[0]!.trim()
  if (CODE_TYPES.test(type)) return 'code'
  const family = type.split('/')[0]
  if (family === 'image' || family === 'audio' || family === 'video') return family
  if (family === 'text') return text === undefined ? 'text' : modalityOfText(text)
  throw new InvalidError(`the type ${JSON.stringify(mime)} is not known`, {
    hint: 'Known are text/*, image/*, audio/*, video/* and types of source code.',
  })
}

/** Signs of source code that do not follow from each other; prose shows one of them now and then, hardly ever two. */
const SIGNS: readonly RegExp[] = [
  /^(?:```|~~~)[\w+-]*$/m,
  /^#!\s?\/\S+/,
  /^(?:```|~~~)(?:[jt]sx?|typescript|javascript|python|py|rust|go|java|c|cpp|sh|bash|sql|ruby|php|html|css|json|ya?ml)$/m,
  /^[^\S\n]*(?:import .+ from ['"]|from \S+ import |#include\s*[<"]|use [\w:]+;|package [\w.]+;?$|using [\w.]+;)/m,
  /^[^\S\n]*(?:export |public |static |async )*(?:function\*? \w+\s*\(|class \w.*[{:]$|def \w+\(.*:$|fn \w+|func \w+\()/m,
  /^[^\S\n]*(?:const|let|var) [\w{[][^=\n]*=/m,
  /[;{}]$[\s\S]{1,400}?[;{}]$/m,
]
const LOOKED_AT = 20_000
/** A sign that ran on over these would be looked for again from each of them. */
const OTHER_LINE_ENDS = /[\r\u2028\u2029]/g

function modalityOfText(text: string): Modality {
  const head = text.slice(0, LOOKED_AT).replace(OTHER_LINE_ENDS, '\n')
  return SIGNS.filter((sign) => sign.test(head)).length >= 2 ? 'code' : 'text'
}
