import { type Engine, type EngineView, inspectOne } from '../../../src/engine/engine.ts'
import { allActors, findStranded } from '../../../src/engine/liveness.ts'
import { nameOf } from '../../../src/kernel/ref.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'
import { endsByItself, settlePromises } from '../world/scheduler.ts'
import { messageIdOf, partHash, type WitnessedState } from './decision.ts'
import { checkHistories, type Histories } from './histories.ts'
import type { SimulationLedger } from './ledger.ts'
import { type Observation, observeActor, readParts } from './look.ts'
import { checkWatches } from './watches.ts'
import { isSameLife, WITNESS_KIND } from './witness.ts'

type AuditedEngine = Pick<Engine, 'view' | 'deadLetters'>

/**
 * Checks between two lives, before anything runs: observed data is
 * present, owed messages wait, and every actor is intact.
 */
export async function auditLife(engine: AuditedEngine, ledger: SimulationLedger): Promise<void> {
  await see(checkLife(engine, ledger), ledger)
}

/** Checks at the end, when all work is done: the result is as if no fault had happened. */
export async function auditEnd(engine: AuditedEngine, ledger: SimulationLedger): Promise<void> {
  await see(checkEnd(engine, ledger), ledger)
}

async function see(checks: Promise<void>, ledger: SimulationLedger): Promise<void> {
  if (!(await endsByItself(checks))) ledger.violate('who looks waits for ever, although all has come to rest')
}

async function checkLife({ view, deadLetters }: AuditedEngine, ledger: SimulationLedger): Promise<void> {
  const show = ledger.listing()
  show(await deadLetters.list())
  const there = new Set([...ledger.letters, ...(await waitingIn(view))])
  for (const [name, ref] of ledger.actors) {
    const seen = await observeActor(view, ref, settlePromises)
    ledger.present(name, seen.state)
    for (const what of ledger.standing.missing(name, seen)) ledger.violate(what)
    if (seen.state) await checkWhole(view, ref, seen.state, seen.events, ledger)
    if (seen.state) ledger.standing.add(name, seen.state.taken, seen.events)
    if (!ledger.standing.forgets(name)) checkOwed(name, seen, there, ledger)
  }
  for (const stranded of await findStranded(view)) ledger.violate(`nothing will wake ${nameOf(stranded)}`)
}

async function checkEnd(engine: AuditedEngine, ledger: SimulationLedger): Promise<void> {
  await checkLife(engine, ledger)
  const histories: Histories = new Map()
  for (const [name, ref] of ledger.actors) histories.set(name, await historiesOf(engine.view, ref))
  checkHistories(histories, ledger)
  await checkWatches(engine.view, histories, ledger)
  for (const [name, ref] of ledger.actors) await checkOrders(engine.view, name, ref, ledger)
}

async function checkOrders(view: EngineView, name: string, ref: ActorRef, ledger: SimulationLedger): Promise<void> {
  const actor = await inspectOne(view, ref)
  const state = (await view.peek(ref)) as WitnessedState | undefined
  const now = { birth: state?.taken[0], hasFailed: actor?.cell?.status === 'failed' }
  for (const what of ledger.orders.broken(name, now)) ledger.violate(what)
}

async function waitingIn(view: EngineView): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for await (const { mail } of allActors(view)) for (const { id } of mail) ids.add(id)
  return ids
}

function checkOwed(name: string, { state }: Observation, there: ReadonlySet<string>, ledger: SimulationLedger): void {
  const taken = new Set(state?.taken.map(messageIdOf))
  for (const [id, { to, work }] of ledger.owed)
    if (nameOf(to) === name && !taken.has(id) && !there.has(id) && !ledger.cancelled.has(work))
      ledger.violate(`${id} was acknowledged, or had effects, and is lost`)
}

async function historiesOf(view: EngineView, ref: ActorRef): Promise<readonly (readonly string[])[]> {
  const former = (await view.peek({ kind: WITNESS_KIND, key: nameOf(ref) })) as
    | readonly (readonly string[])[]
    | undefined
  const state = (await view.peek(ref)) as WitnessedState | undefined
  if (!state) return former ?? []
  return [...(former ?? []).filter((history) => !isSameLife(history, state.taken)), state.taken]
}

async function checkWhole(
  view: EngineView,
  ref: ActorRef,
  state: WitnessedState,
  events: readonly { readonly n: number }[],
  ledger: SimulationLedger,
): Promise<void> {
  const name = nameOf(ref)
  if (events.length !== state.events || events.some(({ n }, index) => n !== index + 1))
    ledger.violate(`${name} has events ${events.map(({ n }) => n)} and should have ${state.events}`)
  const parts = await readParts(view, ref)
  const hashes = [...parts].map(([part, value]) => [part, partHash(value)])
  if (JSON.stringify(hashes.sort()) !== JSON.stringify(Object.entries(state.parts).sort()))
    ledger.violate(`${name} has parts that are not of its state`)
  const listed = await view.list(ref.kind)
  const index = listed.find(({ key }) => key === ref.key)?.index ?? null
  if (JSON.stringify(index) !== JSON.stringify(state.index))
    ledger.violate(`${name} has an index that is not of its state`)
}
