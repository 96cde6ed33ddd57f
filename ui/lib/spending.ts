import { sumsOf } from './group.ts'
import { client } from './server.ts'

/** `work`: what runs and goals took themselves, with or without a budget; the others: what budgets have booked. */
export const COST_GROUPS = ['work', 'agent', 'owner', 'model', 'day'] as const
export type CostGroup = (typeof COST_GROUPS)[number]

/** `isCut`: older work is not in it. */
export type Spending = { readonly items: readonly Spent[]; readonly isCut: boolean }
type Spent = { readonly name?: string; readonly cost: number }

/** Runs, and goals, that are added up. */
const MOST = 500

/** The money since a UTC day. */
export async function spendingSince(day: string, by: CostGroup): Promise<Spending> {
  if (by !== 'work') return { items: (await client.budgets.cost({ since: day, by })).items, isCut: false }
  const since = Date.parse(day)
  const [runs, goals] = await Promise.all([
    client.runs.list({ since, limit: MOST, details: true }),
    client.goals.list({ limit: MOST }),
  ])
  const spent = [
    ...runs.map(({ name, details }) => ({ name, cost: details?.usage?.cost ?? 0 })),
    ...goals.filter(({ startedAt }) => startedAt >= since).map(({ agent, cost }) => ({ name: `agent ${agent}`, cost })),
  ]
  return { items: sumsOf(spent), isCut: runs.length === MOST || goals.length === MOST }
}
