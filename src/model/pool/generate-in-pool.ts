import { is, TerminalError } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import type { Redaction } from '../../secret/redaction.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import { CALL_FAULTS, remedyOf } from '../call/failure-kinds.ts'
import type { CacheSetting } from '../catalogue/model-config.ts'
import { requiredOffers } from '../catalogue/offers.ts'
import { countingFailed, failedUsageOf, withFailedUsage, withSpent } from '../cost/usage.ts'
import { withTexts } from '../files/read-files.ts'
import type { PromptForm } from '../prompt/prompt-form.ts'
import { failedReplyOf, withFailedReply } from '../reply/failed-reply.ts'
import type { CallPayer, FileReaders, GenerateOptions, ModelReply, ModelRequest } from '../request/request.ts'
import { describeCut, shrinkRequest } from '../request/shrink.ts'
import { callInPool, type PoolCallOptions } from './call-in-pool.ts'
import type { ReplyCache } from './reply-cache.ts'
import { usableReply } from './usable-reply.ts'
import { wholeReply } from './whole-reply.ts'

/** The models to call, with their cache and settings. */
export type CallableModels = {
  readonly default: { readonly id: string }
  find(name: string): string | undefined
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelReply>
  /** removes secrets from a reply that was put together from several */
  readonly hide?: Redaction['hide']
  /** The request with what its model is described with; absent: as it is. */
  suit?(request: ModelRequest): ModelRequest
  /** A model that reads all files of a request, if the default model does not. */
  takerOf?(request: ModelRequest): string | undefined
  /** the prompt form that a pool prescribes, whatever the model's own form is */
  formIn?(pool: string): PromptForm | undefined
  /** the cache of replies; absent: no reply is cached */
  readonly replies?: ReplyCache
}

/** Options of a text call besides its request. */
export type PoolGenerateOptions = PoolCallOptions<ModelReply> & ReplyOptions
type ReplyOptions = FileReaders & {
  /** the settings of the cache for this reply: its owner, the caller's wish, and the tags by which it can be dropped */
  readonly keep?: {
    readonly owner: string
    readonly wish?: CacheSetting | undefined
    readonly tags?: readonly string[]
  }
  readonly payer?: CallPayer
  /** Resolves when the call may leave this process. */
  whenDurable?(): Promise<void>
  /** whether the text may be shortened if it is too long for the model; the reply then says so */
  readonly mayShrink?: boolean
  /**
   * Receives the text as it streams. `at` is the number of characters before it in the reply; a text at 0 starts again,
   * as after a repeated call.
   */
  onDelta?(text: string, at: number): void
  /** The stream broke in the middle, and the model is asked again. Its text starts again. */
  onRestart?(reason: string): void
  /** The model answers again, for this reason: its reply could not be used. */
  onAgain?(why: unknown): void
}

/**
 * Calls a text model in a task of a pool, on that model's worker; there is no other way to call one. Rejects with the
 * model's error, or with the pool's BusyError; `workers_unhealthy` when the model has failed too often. A model that is
 * known to lack something that the request needs is not called: `no_eligible_model`, or `context_overflow` if the whole
 * text is too long for it. A cached reply needs no worker.
 */
export function generateInPool(
  pool: WorkPool,
  models: CallableModels,
  given: ModelRequest,
  { keep, mayShrink = false, ...options }: PoolGenerateOptions,
): Promise<ModelReply> {
  const task = { ...options, ...(options.readFile && { readFile: readOnce(options.readFile) }) }
  const taker = given.model === undefined && given.onUnreadable === 'reduce' ? models.takerOf?.(given) : undefined
  const wanted = taker === undefined ? given : { ...given, model: taker }
  const form = wanted.form ?? models.formIn?.(pool.id)
  const suit = (asked: ModelRequest) => models.suit?.(asked) ?? asked
  const request = suit(form ? { ...wanted, form } : wanted)
  const model = modelOf(models, request)
  const call = mayShrink ? askForLess : submit
  const ask = () =>
    wholeReply(
      request,
      (part, place, said) => {
        const own = place === 0 ? task : partOf(task, place, said)
        const askOnce = (asked: ModelRequest, again: number) =>
          call(pool, models, model, asked, again === 0 ? own : againOf(own, again))
        return usableReply(part, suit, askOnce, options.onAgain)
      },
      models.hide,
    )
  const { key, signal } = task
  return keep && models.replies
    ? models.replies.through({ ...keep, model, request, signal: signal!, call: key }, ask)
    : ask()
}

/** Reads each file once, however often the model is asked. A failed read is repeated. */
function readOnce(read: NonNullable<PoolGenerateOptions['readFile']>): typeof read {
  const known = new Map<string, Promise<Uint8Array>>()
  return (file) => {
    const reading = known.get(file.file) ?? read(file)
    known.set(file.file, reading)
    reading.catch(() => known.delete(file.file))
    return reading
  }
}

type CallTask = Omit<PoolGenerateOptions, 'keep' | 'mayShrink'>

/** The call that is made again with another request: paid separately, and streamed from the beginning. */
function againOf({ payer, ...task }: CallTask, again: number): CallTask {
  return { ...task, ...(payer && { payer: { ...payer, id: `${payer.id}^${again}` } }) }
}

/** The call for a later part of a reply: paid separately, and streamed after the text so far. */
function partOf({ payer, onDelta, onRestart, ...task }: CallTask, place: number, said: string): CallTask {
  const { length } = said
  return {
    ...task,
    ...(payer && { payer: { ...payer, id: `${payer.id}+${place}` } }),
    ...(onDelta && { onDelta: (text: string, at: number) => onDelta(text, length + at) }),
    ...(onRestart && {
      onRestart(reason: string) {
        onRestart(reason)
        // only the last part begins again
        onDelta?.(said, 0)
      },
    }),
  }
}

/** Calls the model, and again with less text while the text is too long. Each of these calls is paid. */
async function askForLess(
  pool: WorkPool,
  models: CallableModels,
  model: string,
  given: ModelRequest,
  { payer, ...task }: CallTask,
): Promise<ModelReply> {
  const request = await withTexts(given, task)
  const failures: unknown[] = []
  for (const asked of shrinkRequest(request)) {
    try {
      const paid = payer && {
        payer: failures.length === 0 ? payer : { ...payer, id: `${payer.id}-${failures.length}` },
      }
      const reply = await submit(pool, models, model, asked, { ...task, ...paid })
      return asked === request
        ? reply
        : { ...reply, lacks: [describeCut(reply.model, asked, request), ...(reply.lacks ?? [])] }
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
  {
    onDelta,
    onRestart,
    onAgain,
    payer,
    whenDurable,
    readFile,
    readingOf,
    smallPicture,
    keepFile,
    verdicts,
    ...task
  }: CallTask,
): Promise<ModelReply> {
  const call = (isRepeated: boolean) =>
    callInPool(pool, model, { ...task, needs: requiredOffers(request) }, (signal) =>
      models.generate(request, {
        signal,
        share: task.share,
        ...present({ whenDurable, readFile, readingOf, smallPicture, keepFile, verdicts, onAgain }),
        ...(payer && { payer: isRepeated ? { ...payer, id: `${payer.id}~` } : payer }),
        ...(onDelta && placed(onDelta, onRestart)),
      }),
    )
  // only a stream can break in the middle
  return onDelta ? onceMore(call, (reason) => onRestart?.(reason)) : call(false)
}

function placed(
  onDelta: NonNullable<PoolGenerateOptions['onDelta']>,
  onRestart: PoolGenerateOptions['onRestart'],
): Pick<GenerateOptions, 'onDelta' | 'onRestart'> {
  let at = 0
  return {
    onDelta(text) {
      onDelta(text, at)
      at += text.length
    },
    onRestart(reason) {
      at = 0
      onRestart?.(reason)
    },
  }
}

function modelOf(models: CallableModels, { model }: ModelRequest): string {
  return model === undefined ? models.default.id : (models.find(model) ?? model)
}

/**
 * Asks a model, and again if its stream breaks in the middle. `onBreak` is called between the two. The reply counts
 * what both calls used. If the second one breaks, too, the error is terminal, so that nothing asks again by itself.
 */
export async function onceMore(
  ask: (isRepeated: boolean) => Promise<ModelReply>,
  onBreak: (reason: string) => void,
): Promise<ModelReply> {
  try {
    return await ask(false)
  } catch (error) {
    if (!isBroken(error)) throw error
    onBreak(error.message)
    return ask(true).then(
      (reply) => countingFailed(reply, error),
      (again: unknown) => {
        throw brokenAgain(again, error)
      },
    )
  }
}

const isBroken = (error: unknown): error is Error => is(error) && error.code === CALL_FAULTS.broken.code

/** The error of the second call, with what both used. */
const brokenAgain = (again: unknown, first: Error): unknown =>
  withSpent(isBroken(again) ? twice(again) : again, failedUsageOf(first))

function twice(error: Error): Error {
  const { code } = CALL_FAULTS.broken
  const message = `The model was asked twice, and its stream broke both times: ${error.message}`
  const hint = 'If this repeats, check the connection to the provider, and any proxy in front of it.'
  const failure = new TerminalError(message, { code, hint, cause: error })
  const reply = failedReplyOf(error)
  const spent = failedUsageOf(error)
  const quoted = reply === undefined ? failure : withFailedReply(failure, reply)
  return spent ? withFailedUsage(quoted, spent) : quoted
}
