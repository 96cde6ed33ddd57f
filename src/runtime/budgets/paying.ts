import { amountOf } from '../../budget/money.ts'
import { problemOf, TerminalError } from '../../errors.ts'
import { costOf } from '../../model/catalogue.ts'
import type { Price } from '../../model/choose.ts'
import type { Models } from '../../model/models.ts'
import type { GenerateOptions, ModelReply, ModelRequest, Payer, Usage } from '../../model/spec.ts'
import { spentOn } from '../../model/spent.ts'
import { tokensIn, worstCase } from '../../model/worst.ts'
import type { Lender, Purse } from './lender.ts'

/**
 * Models whose calls are paid out of the budgets of who makes them: the worst case is reserved before a call, and what it took is counted after
 * it. What is free asks for nothing, and neither does who has no budget. BudgetError when there is too little; `no_price` when nobody said
 * what the model costs.
 */
export function payingModels<M extends Models>(models: M, lender: Lender): M {
  return {
    ...models,
    async generate(request, options) {
      const { payer } = options
      const price = payer && models.priceOf(request.model)
      if (!payer || isFree(price)) return models.generate(request, options)
      const purses = await lender.pursesOf(payer)
      if (purses.length === 0) return models.generate(request, options)
      if (!price) throw noPrice(request.model ?? models.default.id, purses[0]!)
      return pay({ models, lender, payer, purses, price }, request, options)
    },
  }
}

const isFree = (price: Price | undefined) => price?.input === 0 && price.output === 0

function noPrice(model: string, { scope }: Purse): TerminalError {
  return new TerminalError(`the budget ${scope} cannot be kept: nobody said what the model ${model} costs`, {
    code: 'no_price',
    hint: `Describe it in antiphon.yaml, in dollars for a million tokens: models: [{ id: ${model}, cost: { input: 3, output: 15 } }].`,
  })
}

type Paid = {
  readonly models: Models
  readonly lender: Lender
  readonly payer: Payer
  readonly purses: readonly Purse[]
  readonly price: Price
}

async function pay(
  { models, lender, payer, purses, price }: Paid,
  request: ModelRequest,
  options: GenerateOptions,
): Promise<ModelReply> {
  const { usage, maxTokens } = worstCase(request)
  const reserved = amountFor(price, usage)
  await lender.reserve(payer, purses, reserved)
  let heard = 0
  const onDelta = (text: string) => {
    heard += tokensIn(text)
    options.onDelta?.(text)
  }
  try {
    const reply = await models.generate({ ...request, maxTokens }, { ...options, ...(options.onDelta && { onDelta }) })
    await lender.settle(payer, purses, amountOf(reply.cost ?? 0))
    return reply
  } catch (error) {
    const brokenOff = amountFor(price, { input: usage.input, output: heard })
    const spent = isBrokenOff(error, options) ? Math.min(reserved, brokenOff) : amountOf(spentOn(error)?.cost ?? 0)
    await lender.settle(payer, purses, spent)
    throw error
  }
}

const amountFor = (price: Price, usage: Usage) => amountOf(costOf({ price }, usage) ?? 0)

/** Nobody says what such a call took: its prompt was read, and what came of its reply was written. */
function isBrokenOff(error: unknown, { signal }: GenerateOptions): boolean {
  return signal.aborted || BROKEN_OFF.includes(problemOf(error).code)
}

const BROKEN_OFF: readonly string[] = ['timeout', 'model_timeout']
