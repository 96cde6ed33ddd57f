import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { transcribeInPool } from '../../model/sound-in-pool.ts'
import type { InputFile } from '../../model/task.ts'
import type { AskingTool } from '../asking.ts'
import { payerOf } from '../work/ask-model.ts'
import { modelsIn } from '../work/assignment.ts'
import type { Job, Result } from '../work/job.ts'
import { filesFor } from '../work/pinned.ts'
import { shareOf } from '../work/share.ts'
import { withTimeout } from '../work/timeout.ts'
import { anything } from './fields.ts'
import { onlyInRuns } from './only-in-runs.ts'

const input = z.object({ audio: anything, model: anything.optional() })
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

async function hear({ model = null }: Input, job: Job): Promise<Result> {
  const [audio, ...others] = await filesFor(job)
  if (!audio || others.length > 0 || !/^(?:audio|video)\//.test(audio.mediaType))
    throw new TerminalError('parameters.audio has to name one recording', { code: 'bad_value' })
  const { id, why } = whoHears(job, modelsIn({ model })[0])
  const { text, segments, seconds, language, model: heardBy } = await transcribeFor(job, id, audio)
  const about = { ...(seconds !== undefined && { duration: seconds }), ...(language !== undefined && { language }) }
  return {
    type: 'result',
    result: { transcription: text, ...about, segments },
    text,
    fields: { model_used: heardBy },
    models: [{ for: 'step', model: heardBy, why, input: 0, output: 0 }],
  }
}

/** The one that is named, or one that the configuration says is for that. */
function whoHears({ services, step }: Job, named: string | undefined): { readonly id: string; readonly why: string } {
  if (named !== undefined) return { id: named, why: 'named by the step' }
  return services.models.choose(step.modelNeeds ?? { capabilities: ['transcription'] })
}

function transcribeFor(job: Job, model: string, audio: InputFile) {
  const { services, start, step, call } = job
  const { find, transcribe } = services.models
  if (!transcribe) throw new TerminalError('nobody here writes down recordings', { code: 'tool_unavailable' })
  return transcribeInPool(
    services.pool,
    { find, transcribe },
    { model, audio },
    {
      signal: call.signal,
      key: call.place ?? call.idempotencyKey,
      share: shareOf(start),
      payer: payerOf(job, 0),
      within: (signal, make) => withTimeout(step.timeout, signal, make),
    },
  )
}
