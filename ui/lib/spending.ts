import { ownCosts, sumsOf } from './group.ts'
import { client, isMounted } from './server.ts'

/** `work` and `owner`: what runs and goals took, with or without a budget; the others: what budgets have booked. */
const COST_GROUPS = ['work', 'agent', 'owner', 'model', 'day'] as const
type CostGroup = (typeof COST_GROUPS)[number]

/** Whether the sums are those of budgets: calls that no budget covers are not in them. */
export const isBooked = (by: CostGroup): boolean => by !== 'work' && by !== 'owner'

/** The groups that this caller can see: the server of a program has no budgets for its visitors. */
export const costGroups = (): readonly CostGroup[] => COST_GROUPS.filter((by) => !isBooked(by) || !isMounted())

/** `isCut`: older work is not in it. */
type Spending = { readonly items: readonly Spent[]; readonly isCut: boolean }
type Spent = { readonly name?: string; readonly cost: number }

/** Runs, and goals, that are added up. */
const MOST = 500

export async function spendingSince(day: string, by: CostGroup): Promise<Spending> {
  if (isBooked(by)) return { items: (await client.budgets.cost({ since: day, by: by as never })).items, isCut: false }
  const since = Date.parse(day)
  const [runs, goals] = await Promise.all([
    client.runs.list({ since, limit: MOST, details: true }),
    client.goals.list({ limit: MOST }),
  ])
  const own = ownCosts(goals)
  const work = [
    ...runs.map(({ name, owner, details }) => ({ name, owner, cost: details?.usage?.cost ?? 0 })),
    ...goals
      .filter(({ startedAt }) => startedAt >= since)
      .map(({ id, agent, owner }) => ({ name: `agent ${agent}`, owner, cost: own.get(id)! })),
  ]
  const spent = work.map(({ name, owner, cost }) => ({ name: by === 'owner' ? owner : name, cost }))
  return { items: sumsOf(spent), isCut: runs.length === MOST || goals.length === MOST }
}
