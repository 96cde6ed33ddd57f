import type { ChainServices } from '../../../chain/protocol/phase.ts'
import { InvalidError, is } from '../../../errors.ts'
import type { MediaFiles } from '../../../file/room/media-files.ts'
import { transcribeInPool } from '../../../model/audio/audio-in-pool.ts'
import type { Models } from '../../../model/models.ts'

export const NO_TRANSCRIBER =
  'No model here transcribes recordings. A model with `capabilities: [transcription]` in antiphon.yaml does; one with a price also needs `paidModels: true`.'

type Transcribing = Pick<Models, 'choose'> & { readonly transcribe?: Models['transcribe'] | undefined }

/** The model that transcribes; undefined: none is configured. */
export function transcriberOf({ choose, transcribe }: Transcribing): string | undefined {
  try {
    return transcribe && choose({ capabilities: ['transcription'] }).id
  } catch (error) {
    if (is(error)) return undefined
    throw error
  }
}

/** Transcribes the recordings of questions, in the pool of their phase. */
export function questionHearing(
  media: MediaFiles,
  models: Transcribing & Pick<Models, 'find'>,
): NonNullable<ChainServices['hear']> {
  return async (file, owner, { pool, task }) => {
    const model = transcriberOf(models)
    if (model === undefined) throw new InvalidError(NO_TRANSCRIBER, { code: 'no_eligible_model' })
    const calls = { find: models.find, transcribe: models.transcribe! }
    await media.hear(file, {
      owner,
      share: task.share,
      ...(task.signal && { signal: task.signal }),
      hearing: { model, transcribe: (audio) => transcribeInPool(pool, calls, { model, audio }, task) },
    })
  }
}
