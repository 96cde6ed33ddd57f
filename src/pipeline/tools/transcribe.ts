import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { transcribeInPool } from '../../model/audio/audio-in-pool.ts'
import type { InputFile } from '../../model/prompt/task.ts'
import type { AskingTool } from '../step/callback/callback-tool.ts'
import type { Job, Result } from '../step/context.ts'
import { filesFor } from '../step/model-call/pinned-files.ts'
import { modelInput, soundTaskOf, soundUseOf, whoCan } from './audio-model.ts'
import { onlyInRuns } from './only-in-runs.ts'
import { anything } from './parameters.ts'

const input = z.object({ audio: anything, model: modelInput })
type Input = z.infer<typeof input>

/** `audio-processing:transcribe`: what is said in a recording, by a model that writes it down. */
export const transcription: AskingTool = {
  name: 'audio-processing:transcribe',
  description: 'Writes down what is said',
  input,
  effect: 'idempotent',
  files: 'audio',
  execute: onlyInRuns('audio-processing'),
  // nobody else is asked, so there is no answer
  asking: { ask: hear, take: onlyInRuns('audio-processing') },
}

async function hear({ model }: Input, job: Job): Promise<Result> {
  const [audio, ...others] = await filesFor(job)
  if (!audio || others.length > 0 || !/^(?:audio|video)\//.test(audio.mediaType))
    throw new TerminalError('parameters.audio has to name one recording', { code: 'bad_value' })
  const skilled = whoCan(job, 'transcription', model)
  const transcript = await transcribeFor(job, skilled.id, audio)
  const { text, segments, seconds, language, model: heardBy } = transcript
  const about = { ...(seconds !== undefined && { duration: seconds }), ...(language !== undefined && { language }) }
  return {
    type: 'result',
    result: { transcription: text, ...about, segments },
    text,
    fields: { model_used: heardBy },
    models: [soundUseOf(transcript, skilled)],
  }
}

function transcribeFor(job: Job, model: string, audio: InputFile) {
  const { find, transcribe } = job.services.models
  if (!transcribe) throw new TerminalError('nobody here writes down recordings', { code: 'tool_unavailable' })
  return transcribeInPool(job.services.pool, { find, transcribe }, { model, audio }, soundTaskOf(job))
}
