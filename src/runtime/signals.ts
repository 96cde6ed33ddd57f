import { budgetRef } from '../budget/scope.ts'
import type { BudgetState } from '../budget/state.ts'
import { waitsFor } from '../budget/waiting.ts'
import type { Engine } from '../engine/engine.ts'
import { fitsIn } from '../kernel/limits.ts'
import type { Json } from '../kernel/schema.ts'
import { ownedBy, ownerOf } from '../owner.ts'
import { isSignal } from '../pipeline/ask.ts'
import type { Shown } from '../pipeline/asking/shown.ts'
import type { MoneyWanted, Pausing } from '../pipeline/later.ts'
import type { StepState } from '../pipeline/step.ts'
import { readRef, type Values } from '../pipeline/values.ts'
import { runRef } from '../pipeline/work/reads.ts'
import type { InboxItem, Runtime } from '../runtime.ts'
import { placeIn } from './cursors.ts'
import { noRun } from './no-run.ts'

type Parts = {
  readonly engine: Engine
  readonly values: Values
  /** Whether there is a run of that id, once it has begun. */
  isThere(run: string): Promise<boolean>
  /** takes up what an earlier process left of a run */
  goOn(run: string): Promise<void>
}

/** What a runtime does with signals, and with what waits for people. */
export function runtimeSignals({ engine, values, isThere, goOn }: Parts): Pick<Runtime, 'signal' | 'inbox'> {
  const { view } = engine

  return {
    async signal(run, name, value, { id } = {}) {
      await engine.start({ only: run })
      if (id !== undefined) await engine.start({ only: id })
      // a refusal is remembered under its id: of a run that has not begun yet there is none
      if (!(await isThere(run))) throw await noRun(run, view)
      const answer = await engine.ask(runRef(run), { type: 'signal', name, value }, id === undefined ? {} : { id })
      await goOn(run)
      return answer as { readonly status: 'taken' | 'kept' }
    },
    async inbox({ run, owner, after, limit = 100 } = {}) {
      const where = { inbox: 1, ...(run !== undefined && { run }), ...ownedBy(owner) }
      const items: InboxItem[] = []
      for (let place = placeIn(after); ; ) {
        const wanted = limit - items.length
        const listed = await view.list('step', { where, sort: 'since', ...place, limit: wanted })
        // what was answered since it was listed waits no longer
        for (const { key } of listed) items.push(...(await itemOf(key)))
        const last = listed.at(-1)
        if (!last || listed.length < wanted || items.length === limit) return items
        place = { after: last.key, at: last.index.since! }
      }
    },
  }

  async function itemOf(key: string): Promise<readonly InboxItem[]> {
    const { waiting, pausing } = ((await view.peek({ kind: 'step', key })) ?? {}) as StepState
    if (pausing?.money) return moneyItem(key, pausing, pausing.money)
    if (!waiting || !isSignal(waiting.question.to)) return []
    const { content, ...shown } = waiting.question.body as unknown as Shown
    const item = {
      run: waiting.run.key,
      owner: ownerOf(waiting),
      step: waiting.step,
      signal: waiting.question.to.signal,
      since: waiting.since,
      ...(waiting.question.limit !== undefined && { until: waiting.since + waiting.question.limit }),
      ...shown,
    }
    return [{ ...item, ...(content && { content: await shownOf(content) }) }]
  }

  async function moneyItem(key: string, { run }: Pausing, money: MoneyWanted): Promise<readonly InboxItem[]> {
    const { scope, title, since } = money
    const { waiting = [] } = ((await view.peek(budgetRef(scope))) ?? {}) as Partial<BudgetState>
    // who has got it is at work
    if (!waiting.some(({ by }) => by === `step/${key}`)) return []
    const owner = ownerOf(((await view.peek(run)) ?? {}) as { readonly owner?: string })
    const about = { run: run.key, owner, step: key.slice(run.key.length + 1), signal: waitsFor(scope), since }
    return [{ ...about, kind: 'money', title, expects: { type: 'money' } }]
  }

  async function shownOf(content: NonNullable<Shown['content']>): Promise<Json> {
    const whole = await readRef(values, content)
    const text = typeof whole === 'string' ? whole : JSON.stringify(whole)
    return fitsIn(whole, MOST) ? whole : `${text.slice(0, MOST)}… (${text.length} characters)`
  }
}

/** Characters of a content that a list shows. */
const MOST = 16 * 1024
