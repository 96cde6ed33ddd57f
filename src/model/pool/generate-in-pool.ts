import { is } from '../../errors.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import { remedyOf } from '../call/failure-kinds.ts'
import type { CacheSetting } from '../catalogue/model-config.ts'
import { requiredOffers } from '../catalogue/offers.ts'
import type { PromptForm } from '../prompt/prompt-form.ts'
import type { CallPayer, GenerateOptions, ModelReply, ModelRequest } from '../request/request.ts'
import { describeCut, shrinkRequest } from '../request/shrink.ts'
import { callInPool, type PoolCallOptions } from './call-in-pool.ts'
import type { ReplyCache } from './reply-cache.ts'

/** The models to call, with their cache and settings. */
export type CallableModels = {
  readonly default: { readonly id: string }
  find(name: string): string | undefined
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelReply>
  /** the form in which models are told what to do in a pool, whatever their own is */
  formIn?(pool: string): PromptForm | undefined
  /** replies that may be given again; absent: none are kept */
  readonly kept?: ReplyCache
}

/** Options of a text call besides its request. */
export type PoolGenerateOptions = PoolCallOptions<ModelReply> & {
  /** whose question it is, where its reply may be kept, what is wished of that, and what it can be dropped by */
  readonly keep?: {
    readonly owner: string
    readonly wish?: CacheSetting | undefined
    readonly tags?: readonly string[]
  }
  readonly payer?: CallPayer
  /** whether it may be told less where all of it is too long for it; the reply then says so */
  readonly mayShrink?: boolean
  /** Hears the text as it comes, and behind how many characters of its reply: what is behind none begins anew, as a call does that is made again. */
  onDelta?(text: string, at: number): void
}

/**
 * Asks a model in a task of a pool, on that model's worker: there is no other way to one. Rejects with what the model says, or with the
 * pool's BusyError; `workers_unhealthy` when the model has failed too often to be asked now. One that is known not to offer what the request needs is
 * not asked: `no_eligible_model`, or `context_overflow` where all of it is too long for it. A reply that is kept needs no worker.
 */
export function generateInPool(
  pool: WorkPool,
  models: CallableModels,
  wanted: ModelRequest,
  { keep, mayShrink = false, ...task }: PoolGenerateOptions,
): Promise<ModelReply> {
  const form = wanted.form ?? models.formIn?.(pool.id)
  const request = form ? { ...wanted, form } : wanted
  const model = modelOf(models, request)
  const ask = () =>
    mayShrink ? askForLess(pool, models, model, request, task) : submit(pool, models, model, request, task)
  const { key: call, signal } = task
  return keep && models.kept ? models.kept.through({ ...keep, model, request, signal: signal!, call }, ask) : ask()
}

/** Asks, and asks again with less of the text as long as it is too long. Each of these calls is paid as one of its own. */
async function askForLess(
  pool: WorkPool,
  models: CallableModels,
  model: string,
  request: ModelRequest,
  { payer, ...task }: Omit<PoolGenerateOptions, 'keep'>,
): Promise<ModelReply> {
  const failures: unknown[] = []
  for (const asked of shrinkRequest(request)) {
    try {
      const paid = payer && {
        payer: failures.length === 0 ? payer : { ...payer, id: `${payer.id}-${failures.length}` },
      }
      const reply = await submit(pool, models, model, asked, { ...task, ...paid })
      return asked === request ? reply : { ...reply, lacks: [describeCut(reply.model, asked, request)] }
    } catch (error) {
      failures.push(error)
      if (!is(error) || remedyOf(error.code) !== 'shrink') throw error
    }
  }
  throw failures[0]
}

function submit(
  pool: WorkPool,
  models: CallableModels,
  model: string,
  request: ModelRequest,
  { onDelta, payer, ...task }: Omit<PoolGenerateOptions, 'keep'>,
): Promise<ModelReply> {
  return callInPool(pool, model, { ...task, needs: requiredOffers(request) }, (signal) =>
    models.generate(request, {
      signal,
      share: task.share,
      ...(payer && { payer }),
      ...(onDelta && { onDelta: placed(onDelta) }),
    }),
  )
}

function placed(onDelta: NonNullable<PoolGenerateOptions['onDelta']>): (text: string) => void {
  let at = 0
  return (text) => {
    onDelta(text, at)
    at += text.length
  }
}

function modelOf(models: CallableModels, { model }: ModelRequest): string {
  return model === undefined ? models.default.id : (models.find(model) ?? model)
}
