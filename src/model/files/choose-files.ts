import type { FileRef, ShownRef } from '../../lib/media/file-ref.ts'
import type { InputFile } from '../prompt/task.ts'
import { bytesOfFile, type FileKind, inMegabytes, kindOfType } from '../request/files.ts'
import type { FileLimits } from './limits.ts'

export type FileReceiver = {
  readonly model: string
  readonly limits: FileLimits
  /** Whether the model reads a kind; `nowhere`: no model does that is configured here. */
  reads(kind: Exclude<FileKind, 'text'>): 'yes' | 'no' | 'nowhere'
  /** Why a file is a line for its server, which refused it before. */
  refusalOf?(file: ShownRef): string | undefined
  /** pictures can be made smaller */
  readonly shrinks?: boolean
  /** bytes of all text files together */
  readonly texts: number
}

/** Whether a model gets a file whole, the first bytes of a text (`first`), or a line instead of it, and why. */
export type FileChoice =
  | { readonly type: 'whole' }
  | { readonly type: 'text'; readonly first: number }
  | { readonly type: 'line'; readonly why: string }

/** Larger texts are not read. */
const MAX_TEXT = 20_000_000
/** A text of which less would be shown is not shown at all. */
const MIN_TEXT = 500

/**
 * The files that a model gets, by their types and sizes. `files`: in the order of the request; one that stands in it
 * twice is two references, and counts twice. If they are too many, or too large together, the newest ones go. `inline`:
 * those whose bytes stand in the request, which always go. Pure.
 */
export function chooseFiles(
  files: readonly FileRef[],
  receiver: FileReceiver,
  inline: readonly InputFile[] = [],
): ReadonlyMap<FileRef, FileChoice> {
  const { limits, texts } = receiver
  const choices = new Map<FileRef, FileChoice>()
  const sent = inline.filter(({ mediaType }) => kindOfType(mediaType) !== 'text')
  const pictures = sent.filter(({ mediaType }) => kindOfType(mediaType) === 'image').length
  const bytes = sent.reduce((sum, file) => sum + bytesOfFile(file), 0)
  const room = { all: limits.all - bytes, pictures: limits.pictures - pictures, texts }
  for (const file of files.toReversed()) choices.set(file, chooseFile(file, receiver, room))
  return choices
}

type Room = { all: number; pictures: number; texts: number }

function chooseFile(file: FileRef, receiver: FileReceiver, room: Room): FileChoice {
  const { type, bytes } = file
  const { limits, model } = receiver
  const kind = kindOfType(type)
  if (kind === 'text') return chooseText(bytes, room)
  const types = limits.types[kind]
  const reads = receiver.reads(kind)
  if (reads === 'nowhere') return line(`no model here reads ${KINDS[kind]}`)
  if (reads === 'no' || !types) return line(`${model} does not read ${KINDS[kind]}`)
  if (!types.includes(type)) return line(wrongType(type, kind, types))
  const refusal = receiver.refusalOf?.(file)
  if (refusal !== undefined) return line(refusal)
  const isShrunk = kind === 'image' && receiver.shrinks === true
  const own = kind === 'image' ? limits.picture : limits.all
  const all = isShrunk ? Math.min(bytes, own) : bytes
  if (bytes > own && !isShrunk)
    return line(`it has ${inMegabytes(bytes)}, and ${model} takes at most ${inMegabytes(own)}; ${SMALLER[kind]}`)
  if (all > room.all || (kind === 'image' && room.pictures < 1))
    return line('newer files take all the room that a request has for files')
  room.all -= all
  if (kind === 'image') room.pictures--
  return { type: 'whole' }
}

function chooseText(bytes: number, room: Room): FileChoice {
  if (bytes > MAX_TEXT)
    return line(`it has ${inMegabytes(bytes)}, and a text may have ${inMegabytes(MAX_TEXT)}; split it`)
  const first = Math.min(bytes, room.texts)
  if (first < Math.min(bytes, MIN_TEXT)) return line('newer texts take all the room that a request has for texts')
  room.texts -= first
  return { type: 'text', first }
}

const line = (why: string): FileChoice => ({ type: 'line', why })

const KINDS = { image: 'pictures', audio: 'audio', video: 'video', document: 'documents' } as const
const SMALLER = {
  image: 'save it as JPEG with fewer pixels',
  audio: 'cut it, or save it with a lower bit rate',
  video: 'cut it, or save it with a lower bit rate',
  document: 'split it',
} as const

function wrongType(type: string, kind: keyof typeof KINDS, types: readonly string[]): string {
  const way = kind === 'image' ? 'save it as JPEG or PNG' : `expected ${types.join(', ')}`
  return `${type} cannot be sent to this model; ${way}`
}
