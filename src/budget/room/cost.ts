import type { EngineView } from '../../engine/engine.ts'
import { COST_KIND, type CostRow, ROWS } from '../cost-day.ts'
import { MICROS_PER_DOLLAR } from '../money.ts'
import type { Cost, CostQuery, CostSum } from './port.ts'

type By = CostQuery['by']

const PAGE = 1000

/** Sums what budgets booked. */
export async function sumCosts(view: EngineView, { since = '', by, owner }: CostQuery): Promise<Cost> {
  const days = await daysOf(view, owner)
  const sums: CostSum[] = []
  for (const { key, owner, day } of days.filter((one) => one.day >= since)) {
    for await (const [, part] of view.parts({ kind: COST_KIND, key }, { prefix: ROWS })) {
      const { agent, model, amount, calls, tokens } = part as CostRow
      const name = { owner, agent, model, day }[by ?? 'day']
      sums.push({ ...named(name), cost: amount / MICROS_PER_DOLLAR, calls, tokens })
    }
  }
  return costOf(sums, earliest(days.map(({ day }) => day)), by)
}

/** Joins the costs of several owners. Pure. */
export function joinCosts(costs: readonly Cost[], by: By): Cost {
  const since = earliest(costs.flatMap((one) => one.since ?? []))
  return costOf(
    costs.flatMap(({ items }) => items),
    since,
    by,
  )
}

type OwnerDay = { readonly key: string; readonly owner: string; readonly day: string }

async function daysOf(view: EngineView, owner: string | undefined): Promise<readonly OwnerDay[]> {
  const where = owner === undefined ? {} : { owner }
  const days: OwnerDay[] = []
  for (let after: string | undefined; ; after = days.at(-1)!.key) {
    const page = await view.list(COST_KIND, { where, limit: PAGE, ...(after !== undefined && { after }) })
    days.push(...page.map(({ key, index }) => ({ key, owner: String(index.owner), day: String(index.day) })))
    if (page.length < PAGE) return days
  }
}

const earliest = (days: readonly string[]) => days.toSorted()[0]

function costOf(sums: readonly CostSum[], since: string | undefined, by: By): Cost {
  const groups = Map.groupBy(sums, ({ name }) => name)
  const items = [...groups].map(([name, alike]) => ({ ...named(name), ...totalOf(alike) }))
  items.sort((a, b) => ((by ?? 'day') === 'day' ? compare(b.name, a.name) : b.cost - a.cost || compare(a.name, b.name)))
  return { ...(since !== undefined && { since }), total: totalOf(sums), items }
}

/** Whole millionths are added, so that sums are exact. */
function totalOf(sums: readonly CostSum[]): Cost['total'] {
  const add = (field: 'cost' | 'calls' | 'tokens', unit = 1) =>
    sums.reduce((sum, one) => sum + Math.round(one[field] * unit), 0) / unit
  return { cost: add('cost', MICROS_PER_DOLLAR), calls: add('calls'), tokens: add('tokens') }
}

const named = (name: string | undefined) => (name === undefined ? {} : { name })
const compare = (a = '', b = '') => Number(a > b) - Number(a < b)
