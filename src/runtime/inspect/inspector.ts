import { type Engine, type EngineView, inspectOne } from '../../engine/engine.ts'
import { type Inspected, statusOf } from '../../engine/inspect.ts'
import { allActors, findStranded } from '../../engine/liveness.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { KIND, runRef } from '../../house/actors.ts'
import { actorIn } from '../../house/paging.ts'
import { linksOf } from '../../inbox/room/waits-for.ts'
import { unlessDamaged } from '../../kernel/faults.ts'
import { type ActorRef, nameOf, parseRef } from '../../kernel/ref.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { findByName } from '../../run/room/errors.ts'
import type { ValueStore } from '../../step/values.ts'
import { findThreadAtWork } from '../../thread/room/records.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { Activity } from '../../work/activity.ts'
import type { Pool } from '../../worker/pool/pool.ts'
import type { ActorDocument, ActorSummary, Inspector } from '../ports/inspector.ts'
import { countOpenWork } from './count-work.ts'
import { createDeadLetterPort, summaryOf as letterSummary } from './dead-letters.ts'
import { describeEffects } from './effects.ts'
import { holdsOf } from './holds.ts'
import { growForest, growTree } from './tree.ts'
import { explainWait } from './why.ts'

type Parts = {
  readonly engine: Engine
  readonly values: ValueStore
  readonly toolbox: Pick<Toolbox, 'find'>
  readonly pools: () => readonly Pool[]
  readonly activity: Activity
  readonly describePools: Inspector['pools']
  readonly metrics: Inspector['metrics']
  readonly series: Inspector['series']
}

export function createInspector({
  engine,
  values,
  toolbox,
  pools,
  activity,
  describePools,
  metrics,
  series,
}: Parts): Inspector {
  const { view, deadLetters } = engine
  const waitsFor = linksOf(view)
  const holds = holdsOf({
    pools,
    peek: view.peek,
    parts: view.parts,
    describe: describeEffects({ view, values, toolbox }),
  })

  async function lettersOf(of: ActorRef) {
    const all = await deadLetters.list()
    const own = all.filter(({ letter }) => nameOf(letter.to) === nameOf(of) || letter.correlationId === of.key)
    return own.slice(-SHOWN).map(letterSummary)
  }

  return {
    async actors({ after, limit = 100, ...picked } = {}) {
      const shown: ActorSummary[] = []
      const from = after !== undefined && { after: actorIn(after) }
      for await (const actor of allActors(view, { ...picked, ...from, limit })) {
        shown.push(summaryOf(actor))
        if (shown.length >= limit) break
      }
      return shown
    },
    async actor(ref) {
      const of = await findActor(view, ref)
      return documentOf(engine, of)
    },
    async *tail(ref, from) {
      yield* view.events(await findActor(view, ref), from)
    },
    async why(ref) {
      return explainWait({ view, waitsFor, holdsOf: holds, lettersOf }, await findActor(view, ref))
    },
    async tree(ref, { owner } = {}) {
      if (ref === undefined) return growForest(view, owner)
      return [await growTree(view, await findActor(view, ref), owner)]
    },
    work: ({ owners } = {}) => countOpenWork(view, owners),
    stranded: async () => (await findStranded(view, waitsFor)).map(nameOf),
    deltas: view.deltas,
    pools: describePools,
    metrics,
    series,
    deadLetters: createDeadLetterPort({ engine, activity }),
  }
}

/** Maximum dead letters shown for one actor, and maximum names of its parts. */
const SHOWN = 20
const SHOWN_PARTS = 100

async function documentOf({ view }: Engine, of: ActorRef): Promise<ActorDocument> {
  const actor = (await inspectOne(view, of)) ?? { of, mail: [], waiting: 0 }
  const parts: string[] = []
  for await (const [name] of view.parts(of, { limit: SHOWN_PARTS })) parts.push(name)
  const { turn, mail, cell } = actor
  return {
    ...summaryOf(actor),
    ...(cell && { version: cell.version }),
    ...(turn && { turn }),
    mail,
    watchers: (cell?.watchers ?? []).map(nameOf),
    state: (await unlessDamaged(() => view.peek(of), undefined)) ?? null,
    parts,
  }
}

/** An actor as a list shows it. */
function summaryOf(actor: Inspected): ActorSummary {
  const { of, cell, turn, waiting } = actor
  return {
    of: nameOf(of),
    status: statusOf(actor),
    seq: cell?.seq ?? 0,
    events: cell?.events ?? 0,
    waiting,
    ...(turn?.effect && { effect: turn.effect.name }),
    index: cell?.index ?? {},
  }
}

/**
 * The actor that a person means by kind/key, or by the id of a run, of a running or recent ask (up to a day), or of a
 * thread. NotFoundError names the nearest id.
 */
async function findActor(view: EngineView, given: string): Promise<ActorRef> {
  const found = given.includes('/') ? parseRef(given) : await findById(view, given)
  if (found && (await inspectOne(view, found))) return found
  throw new NotFoundError(await unknown(view, given))
}

async function findById(view: EngineView, id: string): Promise<ActorRef | undefined> {
  const fits: ActorRef[] = []
  for (const kind of [KIND.run, KIND.thread, KIND.goal])
    if (await inspectOne(view, { kind, key: id })) fits.push({ kind, key: id })
  if (fits.length > 1)
    throw new InvalidError(`${id} names several things: ${fits.map(nameOf).join(', ')}.`, {
      hint: `Write one of these names instead of ${id}.`,
    })
  if (fits[0]) return fits[0]
  return (await findThreadAtWork(view, id, MAX_NAMES_COMPARED)) ?? findByName(view, id)
}

/** Maximum number of names that are compared with an unknown one. */
const MAX_NAMES_COMPARED = 1000

async function unknown(view: EngineView, given: string): Promise<string> {
  const { kind, key } = given.includes('/') ? parseRef(given) : runRef(given)
  const known = await view.inspect({ kind, limit: MAX_NAMES_COMPARED })
  const near = nearestWord(
    key,
    known.map(({ of }) => of.key),
  )
  const what = given.includes('/') ? `no actor \`${given}\`` : `no run, goal, question, thread or actor \`${given}\``
  const meant =
    near !== undefined ? ` Did you mean ${given.includes('/') ? `${kind}/` : ''}${near}?` : ' See: antiphon actors list'
  return `There is ${what}.${meant}`
}
