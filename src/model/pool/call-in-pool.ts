import { BusyError, is, TerminalError } from '../../errors.ts'
import { missingCapabilities } from '../../worker/capabilities.ts'
import type { CallUsage } from '../../worker/pool/model-workers.ts'
import type { Task } from '../../worker/pool/task.ts'
import type { WorkLimit } from '../../worker/pool/work-limit.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import { NO_ABLE_WORKER, WORKERS_UNHEALTHY } from '../../worker/worker.ts'
import { CALL_FAULTS } from '../call/failure-kinds.ts'
import { failedUsageOf } from '../cost/usage.ts'

/** Options of a model call of any kind, besides its request. */
export type PoolCallOptions<T> = Pick<Task<T>, 'signal' | 'key' | 'share' | 'fallback' | 'needs' | 'priority'> & {
  /** The time limit of the call, asked for when it joins the queue. Undefined: there is none. */
  limit?(): WorkLimit | undefined
  /** The call leaves the queue. It is made once this has ended. */
  begins?(): Promise<void> | void
}

/**
 * Calls a model in a task of a pool, on that model's worker; there is no other way to call one.
 * Rejects with the model's error, or with the pool's BusyError; `workers_unhealthy` when the
 * model has failed too often. A model that is known to lack something that the call needs is
 * not called: `context_overflow` if only its context is too small, else `no_eligible_model`.
 */
export function callInPool<T extends CallUsage>(
  pool: WorkPool,
  model: string,
  { limit: limitNow, begins, needs: asked, ...task }: PoolCallOptions<T>,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { needs: own, offers, noteFailure, noteTaking } = pool.employ(model)
  const needs = asked ? { ...asked, ...own } : own
  const run = async (signal: AbortSignal) => {
    const noted = begins?.()
    if (noted) await noted
    try {
      const came = await call(signal)
      noteTaking(came)
      return came
    } catch (error) {
      noteFailure(error)
      noteTaking(failedUsageOf(error) ?? {})
      throw error
    }
  }
  const limit = limitNow?.()
  return pool.submit({ ...task, ...(limit && { limit }), needs, hurries: true, run }).catch((error: unknown) => {
    const code = is(error) ? error.code : undefined
    if (code === WORKERS_UNHEALTHY) throw unhealthy(model, error as BusyError)
    throw code === NO_ABLE_WORKER ? unable(model, missingCapabilities(offers, needs), error) : error
  })
}

function unhealthy(model: string, { delay = 0 }: { readonly delay?: number }): BusyError {
  const when = `It is asked again in ${Math.ceil(delay / 1000)} s.`
  return new BusyError(`The model ${model} has failed too often in a row. ${when}`, { code: WORKERS_UNHEALTHY, delay })
}

/** For each missing capability: the requirement to write, and the setting that declares it. */
const REMEDIES: { readonly [lack: string]: readonly [needs: string, said: string] } = {
  vision: ['vision', 'modalities: [text, vision]'],
  audio: ['audio', 'modalities: [text, audio]'],
  'the modality video': ['video', 'modalities: [text, video]'],
  'the modality document': ['vision', 'modalities: [text, document]'],
  tools: ['tools', 'tools: true'],
}

/** The error of a call that was not made, because its model is known to lack what the call needs. */
function unable(model: string, lacks: readonly string[], cause: unknown): TerminalError {
  const message = `Model ${model}, as it is described, lacks ${lacks.join(', ')}.`
  const [remedy] = lacks.flatMap((lack) => (Object.hasOwn(REMEDIES, lack) ? [REMEDIES[lack]!] : []))
  // a text that is too long may be shortened
  if (!remedy) return new TerminalError(message, { code: CALL_FAULTS.context_length.code, cause })
  const [needs, said] = remedy
  return new TerminalError(message, {
    code: 'no_eligible_model',
    cause,
    hint: `Take another one (requires_model: ${needs}), or say \`${said}\` of it if it does.`,
  })
}
