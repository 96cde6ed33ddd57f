import { type EngineView, inspectOne } from '../../../src/engine/engine.ts'
import { nameOf, parseRef } from '../../../src/kernel/ref.ts'
import type { TurnDecision } from './decision.ts'
import type { Histories } from './histories.ts'
import type { SimulationLedger } from './ledger.ts'

/** Each watcher gets exactly one notice: each watch is still active or was answered. */
export async function checkWatches(view: EngineView, histories: Histories, ledger: SimulationLedger): Promise<void> {
  for (const [name, lives] of histories) {
    const decisions = lives.map((history) => history.flatMap((entry) => ledger.decisions.get(entry) ?? []))
    checkOnce(name, decisions.flat(), ledger)
    if (ledger.orders.mayHaveFailed(name)) continue
    for (const of of unanswered(decisions.at(-1) ?? [])) await checkStands(view, name, of, ledger)
  }
}

function checkOnce(name: string, decisions: readonly TurnDecision[], ledger: SimulationLedger): void {
  const left = new Map<string, number>()
  const add = (of: string, count: number) => left.set(of, (left.get(of) ?? 0) + count)
  for (const { message, turn, sends } of decisions) {
    if (message.type === 'down') add(nameOf(message.from!), -1)
    for (const of of turn.watch ?? []) add(nameOf(of), 1)
    // the actor that sends a stop gets a notice, too
    for (const { to, type } of sends) if (type === 'stop') add(to, 1)
  }
  for (const [of, count] of left) if (count < 0) ledger.violate(`${name} heard more often than once that ${of} is down`)
}

/** The watched actors without a notice. An ended watcher does not count. */
function unanswered(decisions: readonly TurnDecision[]): ReadonlySet<string> {
  const watched = new Set<string>()
  if (decisions.at(-1)?.isEnd) return watched
  for (const { message, turn } of decisions) {
    if (message.type === 'down') watched.delete(nameOf(message.from!))
    for (const of of turn.watch ?? []) watched.add(nameOf(of))
  }
  return watched
}

async function checkStands(view: EngineView, name: string, of: string, ledger: SimulationLedger): Promise<void> {
  const watchers = (await inspectOne(view, parseRef(of)))?.cell?.watchers ?? []
  if (!watchers.some((watcher) => nameOf(watcher) === name))
    ledger.violate(`${name} watches ${of}, which knows nothing of it, and has not heard that it is down`)
}
