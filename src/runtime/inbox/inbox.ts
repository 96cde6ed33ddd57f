import { type GoalState, goalRef } from '../../agent/protocol/state.ts'
import { askPartName } from '../../chain/ask/parts.ts'
import { type SuspendedCall, WAITING_PART } from '../../chain/phases/suspend-call.ts'
import type { AskRecord, ChainState } from '../../chain/protocol/ask-state.ts'
import { askOfMessage } from '../../chain/protocol/context-operations.ts'
import { phaseRef } from '../../chain/protocol/phase-ref.ts'
import { placeIn } from '../../contract/paging.ts'
import type { ActorListQuery, EngineView, ListedActor } from '../../engine/engine.ts'
import { unlessDamaged } from '../../kernel/damage.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { ownerFilter, ownerOf } from '../../lib/owner.ts'
import { truncate } from '../../model/text/strings.ts'
import { isSignalTarget } from '../../pipeline/plan/callback.ts'
import { readRef, readSinglePart, type ValueStore } from '../../pipeline/plan/refs.ts'
import type { BudgetWait, LongProviderWait, StepState, Suspended } from '../../pipeline/step/step-state.ts'
import type { InboxPrompt } from '../../pipeline/tools/inbox/inbox-prompt.ts'
import { listedContent, wholeContent } from '../../pipeline/tools/inbox/shown-content.ts'
import { budgetRef } from '../../work/budget/scope.ts'
import type { BudgetState } from '../../work/budget/state.ts'
import { moneyWait, PROVIDER_WAIT } from '../../work/wait.ts'
import {
  type AskItem,
  type AskMoneyItem,
  type AskProviderItem,
  askedOf,
  type ConsentItem,
  type GoalItem,
  type InboxItem,
  type InboxQuery,
  type ListInbox,
  proposedIn,
  type StepItem,
} from '../ports/inbox.ts'
import { consentsOf } from '../threads/consents.ts'
import { chainRef } from '../threads/threads.ts'
import { playbookItems } from './playbook-items.ts'

/** A list of everything that waits for people: steps of runs, questions, goals, and learned playbooks. */
export function runtimeInbox({ view, values }: { readonly view: EngineView; readonly values: ValueStore }): ListInbox {
  const list = async ({ run, owner, after, limit = 100, content }: InboxQuery = {}) => {
    const where = { inbox: 1, ...ownerFilter(owner) }
    const page = { ...placeIn(after), limit }
    const ofRun = { ...where, ...(run !== undefined && { run }) }
    const isWhole = content === 'whole' && run !== undefined
    const steps = await collect('step', { ...page, where: ofRun }, (listed) => stepItem(listed, isWhole))
    const asks = run === undefined ? await collect('chain', { ...page, where }, threadItems) : []
    const goals = run === undefined ? await collect('agent', { ...page, where }, goalItems) : []
    const ofPlaybooks = (listed: ListedActor) => playbookItems(view, listed)
    const playbooks = run === undefined ? await collect('playbooks', { ...page, where }, ofPlaybooks) : []
    return upTo([...steps, ...asks, ...goals, ...playbooks].toSorted(byPlace), limit).map(({ item }) => item)
  }
  // a run has only steps
  return list as ListInbox

  async function collect(
    kind: string,
    query: ActorListQuery & { readonly limit: number },
    itemOf: ItemOf,
  ): Promise<Placed[]> {
    const items: Placed[] = []
    for (let { limit, ...place } = query; ; ) {
      const wanted = limit - items.length
      const listed = await view.list(kind, { ...place, sort: 'since', limit: wanted })
      // items that were answered since the listing no longer wait
      for (const each of listed)
        for (const item of await unlessDamaged(() => itemOf(each), []))
          items.push({ key: each.key, at: Number(each.index.since), item })
      const last = listed.at(-1)
      if (!last || listed.length < wanted || items.length >= limit) return items
      place = { ...place, after: last.key, at: last.index.since! }
    }
  }

  async function threadItems({ key: thread, index }: ListedActor): Promise<readonly InboxItem[]> {
    const state = ((await view.peek(chainRef(thread))) ?? {}) as Partial<ChainState>
    const about = { thread, owner: ownerOf(index), since: Number(index.since) }
    return [...askItem(about, state), ...(await consentItem(about, state)), ...(await askWaitItems(about, state))]
  }

  async function goalItems({ key: goal, index }: ListedActor): Promise<readonly GoalItem[]> {
    const { wait } = ((await view.peek(goalRef(goal))) ?? {}) as Partial<GoalState>
    if (!wait) return []
    const about = { goal, agent: String(index.agent), owner: ownerOf(index), since: wait.since, title: wait.title }
    if (wait.type !== 'money') return [{ kind: 'goal', ...about, expects: { type: 'resume' } }]
    const isShort = await isPoor(wait.scope, goalRef(goal))
    return isShort ? [{ kind: 'goal', ...about, signal: moneyWait(wait.scope), expects: { type: 'money' } }] : []
  }

  function askItem(about: About, { current }: Partial<ChainState>): readonly AskItem[] {
    if (!current?.proposal) return []
    return [{ kind: 'decision', ...about, ask: current.id, ...proposedIn(current.proposal) }]
  }

  async function consentItem(about: About, { context }: Partial<ChainState>): Promise<readonly ConsentItem[]> {
    const { consents = [] } = consentsOf(context)
    const [first] = consents.toSorted((a, b) => a.since - b.since)
    if (!first) return []
    const questions = consents.map(async (one) => ({ ...one, text: await beginningOf(about.thread, one.message) }))
    return [{ kind: 'consent', ...about, ask: first.ask, ...askedOf(await Promise.all(questions)) }]
  }

  /** Budgets and providers that the current ask waits for. Phases that wait for the same budget count once. */
  async function askWaitItems(
    about: About,
    { current }: Partial<ChainState>,
  ): Promise<readonly (AskMoneyItem | AskProviderItem)[]> {
    const items = new Map<string, AskMoneyItem | AskProviderItem>()
    for (const phase of current?.parked ?? []) {
      const of = phaseRef(chainRef(about.thread).key, phase)
      const parked = (await readSinglePart(view.parts, of, WAITING_PART)) as SuspendedCall | undefined
      if (parked?.provider?.long) {
        const { title, provider } = parked
        const { since, until } = provider
        const facts = { ask: current!.id, title, until, expects: { type: 'nothing' } } as const
        items.set(`provider/${phase}`, { kind: 'provider', ...about, since, ...facts })
      }
      if (parked?.scope === undefined || !(await isPoor(parked.scope, of))) continue
      const { scope, title = 'There is too little money.' } = parked
      const facts = { ask: current!.id, signal: moneyWait(scope), title, expects: { type: 'money' } } as const
      if (!items.has(scope)) items.set(scope, { kind: 'money', ...about, ...facts })
    }
    return [...items.values()]
  }

  /** Whether the ask still waits for that budget. A phase that has got money is working. */
  async function isPoor(scope: string, of: ActorRef): Promise<boolean> {
    const { waiting = [] } = ((await view.peek(budgetRef(scope))) ?? {}) as Partial<BudgetState>
    return waiting.some(({ by }) => by === nameOf(of))
  }

  async function beginningOf(thread: string, message: number): Promise<string> {
    const { prompt } = (await readSinglePart(
      view.parts,
      chainRef(thread),
      askPartName(askOfMessage(message)),
    )) as AskRecord
    return truncate(prompt, BEGINNING)
  }

  async function stepItem({ key }: ListedActor, whole: boolean): Promise<readonly StepItem[]> {
    const { awaiting, suspended } = ((await view.peek({ kind: 'step', key })) ?? {}) as StepState
    if (suspended?.budgetWait) return moneyItem(key, suspended, suspended.budgetWait)
    if (suspended?.providerWait) return [await providerItem(key, suspended, suspended.providerWait)]
    if (!awaiting || !isSignalTarget(awaiting.question.to)) return []
    const { content, ...shown } = awaiting.question.body as InboxPrompt
    const item = {
      run: awaiting.run.key,
      owner: ownerOf(awaiting),
      step: awaiting.step,
      signal: awaiting.question.to.signal,
      since: awaiting.since,
      ...(awaiting.question.limit !== undefined && { until: awaiting.since + awaiting.question.limit }),
      ...shown,
    }
    if (!content) return [item]
    const all = await readRef(values, content)
    return [{ ...item, ...(whole ? wholeContent(all) : listedContent(all)) }]
  }

  async function providerItem(key: string, { run }: Suspended, wait: LongProviderWait): Promise<StepItem> {
    const owner = ownerOf(((await view.peek(run)) ?? {}) as { readonly owner?: string })
    const about = { run: run.key, owner, step: key.slice(run.key.length + 1), signal: PROVIDER_WAIT, ...wait }
    return { ...about, kind: 'provider', expects: { type: 'nothing' } }
  }

  async function moneyItem(key: string, { run }: Suspended, money: BudgetWait): Promise<readonly StepItem[]> {
    const { scope, title, since } = money
    if (!(await isPoor(scope, { kind: 'step', key }))) return []
    const owner = ownerOf(((await view.peek(run)) ?? {}) as { readonly owner?: string })
    const about = { run: run.key, owner, step: key.slice(run.key.length + 1), signal: moneyWait(scope), since }
    return [{ ...about, kind: 'money', title, expects: { type: 'money' } }]
  }
}

/** Characters of a message that a list shows. */
const BEGINNING = 200

/** The thread of an item, its owner, and the start of the wait. */
type About = Pick<ConsentItem, 'thread' | 'owner' | 'since'>

/** An item with its position in the list. */
type Placed = { readonly key: string; readonly at: number; readonly item: InboxItem }
type ItemOf = (listed: ListedActor) => Promise<readonly InboxItem[]>

function byPlace(a: Placed, b: Placed): number {
  return a.at - b.at || (a.key === b.key ? 0 : a.key < b.key ? -1 : 1)
}

/** The first items up to the limit. Items of one thread share one position and stay together. */
function upTo(placed: readonly Placed[], limit: number): readonly Placed[] {
  const last = placed[limit - 1]
  return placed.filter((one, at) => at < limit || (last !== undefined && byPlace(one, last) === 0))
}
