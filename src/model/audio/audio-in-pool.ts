import type { WorkPool } from '../../worker/work-pool.ts'
import { callInPool, type PoolCallOptions } from '../pool/call-in-pool.ts'
import type { CallOptions, CallPayer } from '../request/request.ts'
import type { Speech, SpeechRequest, TranscriptionRequest } from './speech.ts'
import type { Transcript } from './transcript.ts'

/** The models that transcribe recordings and speak texts. */
type AudioModels = {
  find(name: string): string | undefined
  transcribe(request: TranscriptionRequest, options: CallOptions): Promise<Transcript>
  speak(request: SpeechRequest, options: CallOptions): Promise<Speech>
}

type AudioTask<T> = PoolCallOptions<T> & { readonly payer?: CallPayer }

/** Transcribes a recording in a pool task, on the model's worker. */
export function transcribeInPool(
  pool: WorkPool,
  models: Pick<AudioModels, 'find' | 'transcribe'>,
  request: TranscriptionRequest,
  { payer, ...task }: AudioTask<Transcript>,
): Promise<Transcript> {
  const asked = { ...request, model: models.find(request.model) ?? request.model }
  const call = (signal: AbortSignal) => models.transcribe(asked, { signal, ...(payer && { payer }) })
  return callInPool(pool, asked.model, { ...task, needs: { audio: true } }, call)
}

/** Speaks a text in a pool task, on the model's worker. */
export function speakInPool(
  pool: WorkPool,
  models: Pick<AudioModels, 'find' | 'speak'>,
  request: SpeechRequest,
  { payer, ...task }: AudioTask<Speech>,
): Promise<Speech> {
  const asked = { ...request, model: models.find(request.model) ?? request.model }
  const call = (signal: AbortSignal) => models.speak(asked, { signal, ...(payer && { payer }) })
  return callInPool(pool, asked.model, task, call)
}
