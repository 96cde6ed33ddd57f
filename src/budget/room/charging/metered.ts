import { TerminalError } from '../../../errors.ts'
import { maxSeconds } from '../../../model/audio/duration.ts'
import { maxTokensIn, maxUsage } from '../../../model/cost/cost-ceiling.ts'
import type { Price, PricingUnit } from '../../../model/cost/price.ts'
import { costOfPictures, costOfRecording, costOfSpeech, costOfTokens, ratesOf } from '../../../model/cost/price.ts'
import { failedUsageOf } from '../../../model/cost/usage.ts'
import type { Models } from '../../../model/models.ts'
import { relayUsage } from '../../../model/relay.ts'
import type {
  CallPayer,
  GenerateOptions,
  ModelReply,
  ModelRequest,
  PromptCache,
  Usage,
} from '../../../model/request/request.ts'
import type { PaidCall } from '../../../tool/tool.ts'
import { amountOf } from '../../money.ts'
import { type Account, accountOf, isBrokenOff } from './account.ts'
import type { ChargedBudget } from './charged-budgets.ts'
import type { Reservations } from './reservations.ts'

/**
 * Models whose calls are charged to budgets: the maximum cost is reserved before a call, the actual
 * cost is charged after it. Free calls and callers without budgets skip this.
 * @throws `out_of_money` if a budget lacks money, `no_price` if the price of tokens, minutes or
 * characters is unknown
 */
export function payingModels<M extends Models>(models: M, reservations: Reservations): M {
  /** Runs the call directly if it costs nothing, else through `pay`. */
  async function paid<Reply>(
    { model, payer, signal, whenDurable }: Paid,
    by: PricingUnit,
    call: () => Promise<Reply>,
    pay: (price: Price, account: Account) => Promise<Reply>,
  ): Promise<Reply> {
    const unpaid = whenDurable ? () => whenDurable().then(call) : call
    const price = payer && models.priceOf(model)
    const rates = price && ratesOf(price, by)
    if (!payer || rates?.every((rate) => rate === 0)) return unpaid()
    const budgets = await reservations.budgetsOf(payer)
    if (budgets.length === 0) return unpaid()
    // a missing key comes before a missing price
    if (!rates && models.lackOf?.(model ?? models.default.id)?.id !== undefined) return unpaid()
    if (!rates) throw noPrice(model ?? models.default.id, by, budgets[0]!)
    const about = { signal, model: model ?? models.default.id, ...(whenDurable && { whenDurable }) }
    return pay(price!, accountOf(reservations, payer, budgets, about))
  }

  return {
    ...models,
    generate(request, options) {
      const call = () => models.generate(request, options)
      return paid({ ...request, ...options }, 'tokens', call, (price, account) =>
        payReply({ models, price, account }, request, options),
      )
    },
    relay(given, options) {
      const call = () => models.relay(given, options)
      return paid({ ...options, model: given.id }, 'tokens', call, (price, account) => {
        const { usage, maxTokens } = relayUsage(given)
        const asked = { ...given, options: { ...given.options, maxOutputTokens: maxTokens } }
        const worst = amountFor(price, { ...usage, cacheWrite: usage.input })
        return account.pay(worst, () => models.relay(asked, options), spentOf(worst, options))
      })
    },
    embed(request, options) {
      const call = () => models.embed(request, options)
      return paid({ ...request, ...options }, 'tokens', call, (price, account) => {
        const worst = amountFor(price, { input: tokensOf(request.texts), output: 0 })
        return account.pay(worst, call, spentOf(worst, options))
      })
    },
    transcribe(request, options) {
      const call = () => models.transcribe(request, options)
      return paid({ ...request, ...options }, 'minute', call, (price, account) => {
        const worst = amountOf(costOfRecording({ price }, maxSeconds(request.audio)) ?? 0)
        return account.pay(worst, call, spentOf(worst, options))
      })
    },
    draw(request, options) {
      const call = () => models.draw(request, options)
      return paid({ ...request, ...options }, 'picture', call, (price, account) => {
        const worst = amountOf(costOfPictures({ price }, request.count) ?? 0)
        return account.pay(worst, call, spentOf(worst, options))
      })
    },
    speak(request, options) {
      const call = () => models.speak(request, options)
      return paid({ ...request, ...options }, 'characters', call, (price, account) => {
        const worst = amountOf(costOfSpeech({ price }, request.text) ?? 0)
        return account.pay(worst, call, spentOf(worst, options))
      })
    },
  }
}

type Paid = Pick<GenerateOptions, 'payer' | 'signal' | 'whenDurable'> & { readonly model?: string }

/** Words for a missing price: its subject, unit and an example. */
const TOLD: { readonly [by in PricingUnit]: readonly [what: string, unit: string, cost: string] } = {
  tokens: ['the model', 'a million tokens', 'input: 3, output: 15'],
  minute: ['a minute of a recording with the model', 'a minute', 'minute: 0.006'],
  picture: ['a picture of the model', 'a picture', 'picture: 0.04'],
  characters: ['speech of the model', 'a million characters', 'characters: 15'],
}

function noPrice(model: string, by: PricingUnit, { scope }: ChargedBudget): TerminalError {
  const [what, unit, cost] = TOLD[by]
  return new TerminalError(`The budget ${scope} cannot be enforced: the price of ${what} ${model} is unknown.`, {
    code: 'no_price',
    hint: `Describe it in antiphon.yaml, in dollars for ${unit}: models: [{ id: ${model}, cost: { ${cost} } }].${by === 'tokens' ? ' A program may give `prices` to start.' : ''}`,
  })
}

type Replying = { readonly models: Models; readonly price: Price; readonly account: Account }

async function payReply(
  { models, price, account }: Replying,
  request: ModelRequest,
  options: GenerateOptions,
): Promise<ModelReply> {
  const model = request.model ?? models.default.id
  const receiver = { model, offers: models.offersOf(model) }
  const { usage: taken, maxTokens } = maxUsage(request, await models.formOf(request), receiver)
  const cacheTime = models.promptCacheOf(request)
  const usage = cacheTime === 'off' ? taken : { ...taken, cacheWrite: taken.input }
  const amountOfCall = (used: Usage) => amountFor(price, used, cacheTime)
  const worst = amountOfCall(usage)
  let heard = 0
  const onDelta = (text: string) => {
    heard += maxTokensIn(text)
    options.onDelta?.(text)
  }
  const call = () => models.generate({ ...request, maxTokens }, { ...options, ...(options.onDelta && { onDelta }) })
  // the usage is unknown without a listener, and for repeated JSON after a cancellation: charge the maximum
  const isHeard = (error: unknown) =>
    options.onDelta && !failedUsageOf(error) && !(options.signal.aborted && request.schema)
  const cameOf = (error: unknown) => (isHeard(error) ? amountOfCall({ ...usage, output: heard }) : worst)
  // the part of the reply that arrived is charged, whatever prevented the rest
  const isPartOf = (error: unknown) => heard > 0 && !failedUsageOf(error)
  return account.pay(worst, call, (error) =>
    isBrokenOff(error, options) || isPartOf(error) ? Math.min(worst, cameOf(error)) : spentIn(error),
  )
}

const amountFor = (price: Price, usage: Usage, cacheTime?: PromptCache) =>
  amountOf(costOfTokens({ price }, usage, cacheTime) ?? 0)
/** The charge for a failed call: its maximum if it was interrupted, because its usage is unknown. */
const spentOf = (worst: number, options: Pick<GenerateOptions, 'signal'>) => (error: unknown) =>
  isBrokenOff(error, options) ? worst : spentIn(error)
const spentIn = (error: unknown) => amountOf(failedUsageOf(error)?.cost ?? 0)
const tokensOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + maxTokensIn(text), 0)

/**
 * Charges the calls of tools to budgets: the cost is reserved before a call and charged after it. A call that failed
 * costs nothing, one that ended in the middle costs all.
 * @throws `out_of_money` if a budget lacks money
 */
export function payingTools(reservations: Reservations) {
  return async <Made>(payer: CallPayer, { cost, signal, call }: PaidCall<Made>): Promise<Made> => {
    const budgets = cost === 0 ? [] : await reservations.budgetsOf(payer)
    if (budgets.length === 0) return call()
    const worst = amountOf(cost)
    const act = async () => ({ made: await call(), cost })
    const account = accountOf(reservations, payer, budgets, { signal })
    return (await account.pay(worst, act, (error) => (isBrokenOff(error, { signal }) ? worst : 0))).made
  }
}
