import type { DeadLetter, View } from '../../engine/engine.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { checkHistories, type Histories } from './histories.ts'
import { type Ledger, nameOf } from './ledger.ts'
import { look, partsOf } from './look.ts'
import { settle } from './scheduler.ts'
import { hashOf, idOf, WITNESS, type Witnessed } from './witness.ts'

/** Between two lives, before anything runs: what was seen is there, and every actor is whole. */
export async function auditLife(view: View, ledger: Ledger): Promise<void> {
  for (const [name, ref] of ledger.actors) {
    const { state, events } = await look(view, ref, settle)
    checkStanding(name, state, ledger)
    if (!ledger.forgets(name)) checkSeen(name, events, ledger)
    if (state) await checkWhole(view, ref, state, events, ledger)
  }
}

/** At the end, when all has come to rest: everything is as if nothing had gone wrong. */
export async function auditEnd(view: View, letters: readonly DeadLetter[], ledger: Ledger): Promise<void> {
  await auditLife(view, ledger)
  const histories: Histories = new Map()
  for (const [name, ref] of ledger.actors) histories.set(name, await historiesOf(view, ref))
  checkHistories(histories, new Set(letters.map(({ id }) => id)), ledger)
}

async function historiesOf(view: View, ref: ActorRef): Promise<readonly (readonly string[])[]> {
  const former = (await view.peek({ kind: WITNESS, key: nameOf(ref) })) as readonly (readonly string[])[] | undefined
  const state = (await view.peek(ref)) as Witnessed | undefined
  return [...(former ?? []), ...(state ? [state.taken] : [])]
}

function checkStanding(name: string, state: Witnessed | undefined, ledger: Ledger): void {
  if (ledger.forgets(name)) return
  const taken = new Set(state?.taken)
  for (const entry of ledger.standing.get(name) ?? [])
    if (!taken.has(entry)) ledger.violate(`${name} has forgotten ${idOf(entry)}, of which the world knows`)
  if (state) ledger.stand(name, state.taken)
}

function checkSeen(name: string, events: readonly unknown[], ledger: Ledger): void {
  const seen = ledger.events.get(name) ?? []
  if (JSON.stringify(events.slice(0, seen.length)) !== JSON.stringify(seen))
    ledger.violate(`${name} has other events than were seen`)
}

async function checkWhole(
  view: View,
  ref: ActorRef,
  state: Witnessed,
  events: readonly { readonly n: number }[],
  ledger: Ledger,
): Promise<void> {
  const name = nameOf(ref)
  if (events.length !== state.events || events.some(({ n }, index) => n !== index + 1))
    ledger.violate(`${name} has events ${events.map(({ n }) => n)} and should have ${state.events}`)
  const parts = await partsOf(view, ref)
  const hashes = [...parts].map(([part, value]) => [part, hashOf(value)])
  if (JSON.stringify(hashes.sort()) !== JSON.stringify(Object.entries(state.parts).sort()))
    ledger.violate(`${name} has parts that are not of its state`)
  const listed = await view.list(ref.kind)
  const index = listed.find(({ key }) => key === ref.key)?.index ?? null
  if (JSON.stringify(index) !== JSON.stringify(state.index))
    ledger.violate(`${name} has an index that is not of its state`)
}
