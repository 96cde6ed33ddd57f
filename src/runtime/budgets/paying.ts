import { amountOf } from '../../budget/money.ts'
import { problemOf, TerminalError } from '../../errors.ts'
import { costOf } from '../../model/catalogue.ts'
import type { Price } from '../../model/choose.ts'
import type { Models } from '../../model/models.ts'
import type { GenerateOptions, ModelReply, ModelRequest, Payer, Usage } from '../../model/spec.ts'
import { spentOn } from '../../model/spent.ts'
import { tokensIn, worstCase } from '../../model/worst.ts'
import type { Lender } from './lender.ts'
import type { Purse } from './purse.ts'

/**
 * Models whose calls are paid out of the budgets of who makes them: the worst case is reserved before a call, and what it took is counted after
 * it. What is free asks for nothing, and neither does who has no budget. BudgetError when there is too little; `no_price` when nobody said
 * what the model costs, and where that does not follow from tokens: of recordings and of what is spoken.
 */
export function payingModels<M extends Models>(models: M, lender: Lender): M {
  /** Makes the call as it is where nothing is to be paid for it, else by `pay`. */
  async function paid<Reply>(
    { model, payer, signal }: Paid,
    call: () => Promise<Reply>,
    pay: (price: Price, account: Account) => Promise<Reply>,
  ): Promise<Reply> {
    const price = payer && models.priceOf(model)
    if (!payer || isFree(price)) return call()
    const purses = await lender.pursesOf(payer)
    if (purses.length === 0) return call()
    if (!price) throw noPrice(model ?? models.default.id, purses[0]!)
    return pay(price, accountOf(lender, payer, purses, signal))
  }

  const refused =
    (model: string) =>
    (_: Price, { purses }: Account) =>
      Promise.reject(untold(model, purses[0]!))

  return {
    ...models,
    generate(request, options) {
      const call = () => models.generate(request, options)
      return paid({ ...request, ...options }, call, (price, account) =>
        payReply({ models, price, account }, request, options),
      )
    },
    embed(request, options) {
      const call = () => models.embed(request, options)
      return paid({ ...request, ...options }, call, (price, account) => {
        const worst = amountFor(price, { input: tokensOf(request.texts), output: 0 })
        return account.pay(worst, call, (error) => (isBrokenOff(error, options) ? worst : spentIn(error)))
      })
    },
    transcribe(request, options) {
      const call = () => models.transcribe(request, options)
      return paid({ ...request, ...options }, call, refused(request.model))
    },
    speak(request, options) {
      const call = () => models.speak(request, options)
      return paid({ ...request, ...options }, call, refused(request.model))
    },
  }
}

type Paid = { readonly model?: string; readonly payer?: Payer; readonly signal: AbortSignal }

const isFree = (price: Price | undefined) => price?.input === 0 && price.output === 0

function noPrice(model: string, { scope }: Purse): TerminalError {
  return new TerminalError(`the budget ${scope} cannot be kept: nobody said what the model ${model} costs`, {
    code: 'no_price',
    hint: `Describe it in antiphon.yaml, in dollars for a million tokens: models: [{ id: ${model}, cost: { input: 3, output: 15 } }].`,
  })
}

function untold(model: string, { scope }: Purse): TerminalError {
  return new TerminalError(
    `the budget ${scope} cannot be kept: what the model ${model} costs does not follow from tokens`,
    {
      code: 'no_price',
      hint: `Take one that is free: models: [{ id: ${model}, cost: { input: 0, output: 0 } }] in antiphon.yaml.`,
    },
  )
}

/** The budgets that a call is paid out of. */
type Account = {
  readonly purses: readonly Purse[]
  /** Makes a call once its worst case is reserved, and counts what it took: of one that failed what `spent` says, nothing where it was called off before. */
  pay<Reply extends { readonly cost?: number }>(
    worst: number,
    call: () => Promise<Reply>,
    spent: (error: unknown) => number,
  ): Promise<Reply>
}

function accountOf(lender: Lender, payer: Payer, purses: readonly Purse[], signal: AbortSignal): Account {
  return {
    purses,
    async pay(worst, call, spent) {
      await lender.reserve(payer, purses, worst)
      const isBegun = !signal.aborted
      try {
        const reply = await call()
        await lender.settle(payer, purses, amountOf(reply.cost ?? 0))
        return reply
      } catch (error) {
        await lender.settle(payer, purses, isBegun ? spent(error) : 0)
        throw error
      }
    },
  }
}

type Replying = { readonly models: Models; readonly price: Price; readonly account: Account }

async function payReply(
  { models, price, account }: Replying,
  request: ModelRequest,
  options: GenerateOptions,
): Promise<ModelReply> {
  const { usage, maxTokens } = worstCase(request, await models.formOf(request))
  const worst = amountFor(price, usage)
  let heard = 0
  const onDelta = (text: string) => {
    heard += tokensIn(text)
    options.onDelta?.(text)
  }
  const call = () => models.generate({ ...request, maxTokens }, { ...options, ...(options.onDelta && { onDelta }) })
  // nobody hears what comes of a call without a listener, nor of JSON that is asked for again: it may be all
  const cameOf = (error: unknown) =>
    options.onDelta && !spentOn(error) ? amountFor(price, { input: usage.input, output: heard }) : worst
  return account.pay(worst, call, (error) =>
    isBrokenOff(error, options) ? Math.min(worst, cameOf(error)) : spentIn(error),
  )
}

const amountFor = (price: Price, usage: Usage) => amountOf(costOf({ price }, usage) ?? 0)
const spentIn = (error: unknown) => amountOf(spentOn(error)?.cost ?? 0)
const tokensOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + tokensIn(text), 0)

/** Nobody says what such a call took: its prompt was read, and of its reply at least what came was written. */
function isBrokenOff(error: unknown, { signal }: Pick<GenerateOptions, 'signal'>): boolean {
  return signal.aborted || BROKEN_OFF.includes(problemOf(error).code)
}

const BROKEN_OFF: readonly string[] = ['timeout', 'model_timeout']
