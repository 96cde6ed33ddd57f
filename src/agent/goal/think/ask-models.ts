import { is, problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import type { EffectCall, Effects } from '../../../kernel/types.ts'
import { clip } from '../../../lib/clip.ts'
import { present } from '../../../lib/json/present.ts'
import type { FileRef } from '../../../lib/media/file-ref.ts'
import { remedyOf } from '../../../model/call/failure-kinds.ts'
import { countingFailed, failedUsageOf, withSpent } from '../../../model/cost/usage.ts'
import { generateInPool } from '../../../model/pool/generate-in-pool.ts'
import type { FileReaders, ModelReply, ModelRequest, ToolCall } from '../../../model/request/request.ts'
import { failureOfCall, mayAskAnother, tellSpent, worthiestFailure } from '../../../work/ask-model.ts'
import { paidOptions } from '../../../work/payer.ts'
import type { FileTexts } from '../../context/file-lines.ts'
import { sizeOfRequest } from '../../context/fit-rounds.ts'
import { fileUseOf } from '../../protocol/messages.ts'
import type { AskedAgain, Round } from '../../protocol/rounds.ts'
import type { AgentServices } from '../services.ts'
import type { AnsweredRound } from './answer-call.ts'
import { waitTermsOf } from './await-model.ts'
import { liveText, takeDraft } from './live-text.ts'
import { payerOf } from './payer-of.ts'
import { givenRequest } from './request-of.ts'

/** The reply of a round as the journal has it. */
export type RecordedReply = Pick<ModelReply, 'text' | 'files' | 'refused' | 'lacks' | 'reduced' | 'usage'> &
  Pick<Round, 'said' | 'model' | 'given' | 'again'> & {
    readonly calls: readonly ToolCall[]
    readonly cost: number
    /** the window in tokens that the request had to fit, if it is smaller than the known one */
    readonly window?: number
    /** the tokens of a reply that the model needed, if more than it had at first */
    readonly room?: number
  }

type Asking = Pick<AnsweredRound, 'services' | 'state' | 'start' | 'definition'> & {
  /** what readers found in the files of the request */
  readonly texts: FileTexts
  readonly environment?: string | undefined
  requestFor(window: number): ModelRequest
}

/** Tokens of a model whose window is unknown. */
export const USUAL_WINDOW = 128_000

/**
 * Asks the models of an agent for a round, one after another, until one answers. When the last one has failed, the goal
 * waits. The reply, or the error, counts what all calls used.
 */
export async function askModels(asking: Asking, effects: Effects): Promise<RecordedReply> {
  const { services, state, definition } = asking
  // an attempt at the effect that failed has been paid, too
  let failed: unknown
  const again: AskedAgain[] = []
  const ask = async (call: EffectCall): Promise<Json> => {
    const live = liveText(services, asking.start, state, effects)
    try {
      const reply = recorded(countingFailed(await askEach(asking, live, call, effects, noteIn(again)), failed), again)
      takeDraft(services, effects.self.key)
      return reply as Json
    } catch (error) {
      failed = withSpent(error, failedUsageOf(failed))
      // the text of a round that is stopped stays with its readers
      if (!call.signal.aborted) live?.onRestart('the model did not answer to the end')
      throw tellSpent(failureOfCall(error, waitTermsOf(services, definition, poolOf(services), state)), failed)
    }
  }
  return (await effects.run('think', ask, { prepares: true })) as RecordedReply
}

/** Failures that a round shows, and characters of each. */
const MAX_SHOWN = 10
const MAX_CHARACTERS = 300

/** Adds a failure to a list that a round shows. */
function noteIn(again: AskedAgain[]): (error: unknown) => void {
  return (error) => {
    const { code, message } = problemOf(error)
    if (again.length < MAX_SHOWN) again.push({ code, message: clip(message, MAX_CHARACTERS) })
  }
}

type Answered = ModelReply & Pick<RecordedReply, 'window' | 'given'>

async function askEach(
  { services, state, start, definition, requestFor, texts, environment }: Asking,
  live: ReturnType<typeof liveText>,
  call: EffectCall,
  { self }: Effects,
  onAgain: (error: unknown) => void,
): Promise<Answered> {
  const payer = payerOf(start, state, self)
  const readFile = (file: FileRef) => services.files.read(file, state.owner)
  const smallPicture: FileReaders['smallPicture'] = (file, bounds) =>
    services.files.smallPicture(file, bounds, state.owner)
  const of = fileUseOf(start, state, self.key)
  const verdicts = services.files.verdicts(state.owner)
  const { model: first, otherModels = [] } = definition
  const failures: unknown[] = []
  let made = 0
  for (const model of [first, ...otherModels.filter((other) => !services.isOffline(other))]) {
    const askFor = (request: ModelRequest) => {
      // each request of a call is paid separately
      const paid = paidOptions(payer, self, call, made === 0 ? '' : `-${made}`)
      made++
      const { whenDurable } = call
      const asked: ModelRequest = {
        ...request,
        onTruncated: 'continue',
        ...(model !== undefined && { model }),
        ...(state.room !== undefined && model === first && { maxTokens: state.room }),
      }
      return generateInPool(poolOf(services), services.models, asked, {
        ...paid,
        ...live,
        onAgain,
        readFile,
        smallPicture,
        keepFile: (data, name) => services.files.add(data, name, of),
        readingOf: ({ file }) => texts.get(file),
        verdicts,
        ...(failures.length > 0 && { fallback: true as const }),
        ...(whenDurable && { whenDurable }),
      })
    }
    const own = services.contextOf(model) ?? USUAL_WINDOW
    const known = (model === first && state.window) || own
    try {
      const { reply, window, request } = await askWithin({ known, requestFor, askFor })
      const { room, ...counted } = failures.reduce<ModelReply>(countingFailed, reply)
      const found: Answered = { ...counted, given: givenRequest(request, window, environment) }
      if (model !== first) return found
      return { ...found, ...(room !== undefined && { room }), ...(window !== known && { window }) }
    } catch (error) {
      onAgain(error)
      if (call.signal.aborted || !mayAskAnother(error)) throw failures.reduce(plusSpent, error)
      failures.push(error)
    }
  }
  throw failures.reduce(plusSpent, worthiestFailure(failures))
}

/** The error with what another failed call used. An error counts its own usage already. */
const plusSpent = (error: unknown, other: unknown) => (other === error ? error : withSpent(error, failedUsageOf(other)))

const poolOf = ({ pools }: AgentServices) => pools.find({ phase: 'step', modality: 'text' }).pool

function recorded(reply: Answered, again: readonly AskedAgain[]): RecordedReply {
  const { text, said = [], calls = [], usage, cost = 0, model } = reply
  const { files, refused, lacks, reduced, window, room, given } = reply
  const more = present({ files, refused, lacks, reduced, window, room, given })
  return { text, said, calls, usage, cost, model, ...more, ...(again.length > 0 && { again }) }
}

type Fitting = {
  /** the window of the model in tokens, if it is known */
  readonly known: number
  requestFor(window: number): ModelRequest
  askFor(request: ModelRequest): Promise<ModelReply>
}

/**
 * Asks the model for a round. When the provider refuses the request as too long, the rounds are fitted into half of the
 * window and the model is asked again, until nothing is left to shorten. Rejects with the error of the last request.
 */
async function askWithin({
  known,
  requestFor,
  askFor,
}: Fitting): Promise<{ readonly reply: ModelReply; readonly window: number; readonly request: ModelRequest }> {
  let request = requestFor(known)
  let failed: unknown
  for (let window = known; ; ) {
    try {
      return { reply: countingFailed(await askFor(request), failed), window, request }
    } catch (error) {
      const isTooLong = is(error) && remedyOf(error.code) === 'shrink'
      const shorter = isTooLong ? shorterThan(request, window, requestFor) : undefined
      failed = withSpent(error, failedUsageOf(failed))
      if (!shorter) throw failed
      window = shorter.window
      request = shorter.request
    }
  }
}

/** Windows below this many tokens hold no conversation. */
const SMALLEST_WINDOW = 256

function shorterThan(request: ModelRequest, window: number, requestFor: Fitting['requestFor']) {
  const size = sizeOfRequest(request)
  for (let smaller = Math.floor(window / 2); smaller >= SMALLEST_WINDOW; smaller = Math.floor(smaller / 2)) {
    const next = requestFor(smaller)
    if (sizeOfRequest(next) < size) return { window: smaller, request: next }
  }
  return undefined
}
