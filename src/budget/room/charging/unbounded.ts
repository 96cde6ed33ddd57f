import { isFree } from '../../../model/cost/price.ts'
import type { Models } from '../../../model/models.ts'

/** An agent that visitors may name, as far as it says what its goals cost. */
type Spender = { readonly name: string; readonly budget?: number; readonly model?: string | readonly string[] }

type Spending = {
  /** the default limits of owners */
  readonly budgets?: object
  readonly agents: readonly Spender[]
  /** whether a model costs money; undefined: the default model */
  isPaid(model?: string): boolean
}

/**
 * Tells the operator that visitors spend without a limit of their own: neither an agent that they may name has a
 * budget, nor the owners have one. Undefined when there is nothing to tell. Pure.
 */
export function unboundedNotice({ agents, budgets = {}, isPaid }: Spending): string | undefined {
  if (Object.keys(budgets).length > 0) return undefined
  const unbounded = agents.filter(({ budget, model }) => budget === undefined && modelsOf(model).some(isPaid))
  if (unbounded.length === 0) return undefined
  const names = unbounded.map(({ name }) => name).join(', ')
  return `handler: nothing limits what a visitor spends in a day, and ${names} may use a model that costs money. To limit it: start({ budgets: { day: 1 } }), or budgets: { day: 1 } in antiphon.yaml, in dollars for each owner; or a \`budget\` for the goals of the agent.`
}

const modelsOf = (model: Spender['model']): readonly (string | undefined)[] =>
  model === undefined ? [model] : [model].flat()

/** Whether a model is known to cost money; absent: the default model. */
export function isPaidModel({ priceOf }: Pick<Models, 'priceOf'>, model?: string): boolean {
  const price = priceOf(model)
  return price !== undefined && !isFree(price)
}
