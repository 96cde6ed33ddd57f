import { readFile } from 'node:fs/promises'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { ownerField } from '../../lib/owner.ts'
import type { Transcript } from '../../model/audio/transcript.ts'
import type { InputFile } from '../../model/prompt/task.ts'
import type { MediaPassage, MediaTerms } from '../../source/media/reading.ts'
import { soundOf } from '../../source/media/sound.ts'
import { timeLocator } from '../../source/media/timed-text.ts'
import type { MediaParts } from './media-files.ts'
import { madeOnce } from './readings.ts'

/** A model that transcribes, and the call to it, which somebody pays. */
type Hearing = { readonly model: string; transcribe(audio: InputFile): Promise<Transcript> }

/** The speech in a file: its text, and passages at their times. */
export type HeardSpeech = { readonly model: string; readonly text: string; readonly passages: readonly MediaPassage[] }

/** The terms of a transcript: whose file it is, and who hears it. */
export type HearTerms = MediaTerms & { readonly owner?: string; readonly hearing: Hearing }

type Parts = Pick<MediaParts, 'readings' | 'programs' | 'values'>

export const mayHoldSpeech = (type: string): boolean => /^(?:audio|video)\//.test(type)

/** Larger recordings are sent as MP3. */
const MAX_SENT = 12 * 1024 * 1024

/** Transcribes recordings and films, each once for its owner. */
export function createHearing({ readings, programs, values }: Parts) {
  const get = async (hash: string) => (await values.get(hash)) as HeardSpeech

  async function find(file: FileRef, owner: string | undefined): Promise<HeardSpeech | undefined> {
    const [known] = (await readings().find(file.file, SPEECH, ownerField(owner))) ?? []
    return known === undefined ? undefined : get(known)
  }

  async function audioAt(path: string, file: FileRef, terms: MediaTerms): Promise<InputFile> {
    const isPlain = file.type.startsWith('audio/') && file.bytes <= MAX_SENT
    const data = isPlain
      ? await readFile(path)
      : await soundOf(await programs(), { ...file, path }, { format: 'mp3', isCleaned: false }, terms)
    const name = isPlain ? file.name : `${file.name}.mp3`
    return { name, mediaType: isPlain ? file.type : 'audio/mpeg', data: Buffer.from(data).toString('base64') }
  }

  return {
    find,
    hear(file: FileRef, { owner, hearing, ...terms }: HearTerms): Promise<HeardSpeech> {
      const { model, transcribe } = hearing
      return madeOnce<HeardSpeech>(readings(), {
        file,
        owner,
        get,
        reader: SPEECH,
        noted: `${SPEECH}-${model}`,
        async make(path) {
          const transcript = await transcribe(await audioAt(path, file, terms))
          const value: HeardSpeech = { model, text: transcript.text, passages: passagesOf(transcript) }
          return { value, hashes: [await values.put(value as never)] }
        },
      })
    },
  }
}

const SPEECH = 'speech'

function passagesOf({ text, segments, seconds = 0 }: Transcript): readonly MediaPassage[] {
  const parts = segments.length > 0 ? segments : [{ text, start: 0, end: seconds }]
  return parts.flatMap(({ text: said, start, end }) =>
    said.trim() === '' ? [] : [{ text: said.trim(), at: timeLocator(start, end), from: 'speech' as const }],
  )
}
