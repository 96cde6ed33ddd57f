import { InvalidError } from '../../errors.ts'
import { mediaTypeOfName } from '../../lib/media/media-type.ts'
import { isOwnModality, MODALITIES, type Modality } from '../../lib/media/modality.ts'
import { isWeightsType } from '../../lib/media/weights-type.ts'
import { isCodeName } from '../../model/text/passages.ts'
import type { SourceRef } from './source-ref.ts'

export { isOwnModality, MODALITIES, type Modality }

/** A typed piece of a prompt. */
type InputPart = { readonly type: string; readonly mime: string; readonly text?: string }
/** A model as the subject of a question: a description, never weights. */
type ModelRef = { readonly kind: 'model'; readonly provider: string; readonly name: string }

/**
 * The modality of an input. A stated modality wins (`vision` means image); otherwise it follows from types and from
 * signs in the text, always in the same way. InvalidError for an unknown modality or MIME type. `known`: those that
 * phases have.
 */
export function detectModality(
  input: string | InputPart | ModelRef | readonly InputPart[],
  stated?: string,
  known: readonly Modality[] = MODALITIES,
): Modality {
  if (stated !== undefined) return namedModality(stated, known)
  if (typeof input === 'string') return modalityOfText(input)
  if (isList(input)) return modalityOfParts(input)
  return 'kind' in input ? 'model' : modalityOfPart(input)
}

/**
 * The modality of an ask. Without a stated one, it follows from the kinds of its files: several are `multimodal`. It is
 * `code` also if most of the files are code.
 */
export function modalityOfAsk(
  prompt: string,
  sources: readonly SourceRef[],
  stated?: string,
  known?: readonly Modality[],
): Modality {
  const detected = detectModality(prompt, stated, known)
  const kinds = new Set(sources.map(kindOfSource))
  const media = [...kinds].filter((kind) => kind !== 'text')
  if (stated === undefined && media.length > 0) return kinds.size === 1 ? media[0]! : 'multimodal'
  if (stated !== undefined || detected !== 'text') return detected
  const code = sources.filter(({ ref, modality }) => modality === 'code' || isCodeName(ref)).length
  return code * 2 > sources.length ? 'code' : 'text'
}

function kindOfSource({ kind, stored, ref, modality }: SourceRef): Modality {
  if (kind === 'model') return kind
  if (modality !== undefined && isOwnModality(modality)) return modality
  const type = stored?.type ?? mediaTypeOfName(ref) ?? ''
  if (isWeightsType(type)) return 'model'
  const [family] = type.split('/')
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'text'
}

function isList(input: InputPart | ModelRef | readonly InputPart[]): input is readonly InputPart[] {
  return Array.isArray(input)
}

function namedModality(stated: string, known: readonly Modality[]): Modality {
  const name = stated === 'vision' ? 'image' : stated
  if (known.includes(name)) return name
  throw new InvalidError(`Unknown modality ${JSON.stringify(stated)}.`, { hint: `One of ${known.join(', ')}.` })
}

function modalityOfParts(parts: readonly InputPart[]): Modality {
  const kinds = new Set(parts.map(modalityOfPart))
  if (kinds.size === 0) throw new InvalidError('The prompt is empty.')
  return kinds.size > 1 ? 'multimodal' : [...kinds][0]!
}

const CODE_TYPES =
  /^(?:application\/(?:json|javascript|typescript|xml|x-sh|sql)|text\/(?:javascript|typescript|css|x-[\w-]+))$/

function modalityOfPart({ mime, text }: InputPart): Modality {
  const type = mime.toLowerCase().split(';')[0]!.trim()
  if (CODE_TYPES.test(type)) return 'code'
  const family = type.split('/')[0]
  if (family === 'image' || family === 'audio' || family === 'video') return family
  if (family === 'text') return text === undefined ? 'text' : modalityOfText(text)
  throw new InvalidError(`Unknown type ${JSON.stringify(mime)}.`, {
    hint: 'Known are text/*, image/*, audio/*, video/* and types of source code.',
  })
}

/** Independent signs of source code. Prose sometimes shows one of them, hardly ever two. */
const CODE_SIGNS: readonly RegExp[] = [
  /^(?:```|~~~)[\w+-]*$/m,
  /^#!\s?\/\S+/,
  /^(?:```|~~~)(?:[jt]sx?|typescript|javascript|python|py|rust|go|java|c|cpp|sh|bash|sql|ruby|php|html|css|json|ya?ml)$/m,
  /^[ \t]*(?:import .+ from ['"]|from \S+ import |#include\s*[<"]|use [\w:]+;|package [\w.]+;?$|using [\w.]+;)/m,
  /^[ \t]*(?:export |public |static |async )*(?:function\*? \w+\s*\(|class \w.*[{:]$|def \w+\(.*:$|fn \w+|func \w+\()/m,
  /^[ \t]*(?:const|let|var) [\w{[][^=\r\n\u2028\u2029]*=/m,
  /[;{}]$[\s\S]{1,400}?[;{}]$/m,
]
const MAX_INSPECTED_LENGTH = 20_000
/** Line ends that become `\n`: a sign that matches across them would be searched again from each of them. */
const OTHER_LINE_ENDS = /[\r\u2028\u2029]/g

function modalityOfText(text: string): Modality {
  const head = text.slice(0, MAX_INSPECTED_LENGTH).replace(OTHER_LINE_ENDS, '\n')
  return CODE_SIGNS.filter((sign) => sign.test(head)).length >= 2 ? 'code' : 'text'
}
