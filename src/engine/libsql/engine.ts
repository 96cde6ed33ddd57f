import { randomUUID } from 'node:crypto'
import { BusyError, CancelledError, errorOf, NotFoundError, type Problem } from '../../errors.ts'
import { childId } from '../../kernel/commit.ts'
import type { Json } from '../../kernel/schema.ts'
import { dropTurn } from '../../kernel/turn.ts'
import type { Actor, ActorRef, Commit, Envelope } from '../../kernel/types.ts'
import type { Database } from '../../store/database.ts'
import { createBus } from '../bus.ts'
import { type AskOptions, type Clock, type DeadLetter, type Engine, systemClock, type TellOptions } from '../engine.ts'
import { removeWork } from '../mailbox.ts'
import { envelopeFrom, stamp } from '../stamp.ts'
import { list, wipe } from './batch.ts'
import { type CheckpointLimits, createCheckpoint } from './checkpoint.ts'
import { createCommitter } from './committer.ts'
import { createDispatcher } from './dispatcher.ts'
import { createKnownIds, type Known, REMEMBERED } from './known.ts'
import { createNames } from './names.ts'
import { recover } from './recover.ts'
import { createLetter, type Letter, nothingUnsaved, type Resident } from './resident.ts'
import { createTimers } from './timers.ts'
import { libsqlView } from './view.ts'

export type LibsqlOptions = {
  readonly actors: readonly Actor[]
  /** opened with SCHEMA and STATEMENTS; closed by stop */
  readonly database: Database
  readonly clock?: Clock
  /** when and in which portions the log is moved into the tables */
  readonly checkpoint?: CheckpointLimits
  /** Told once when the disk refused a write: nothing later is acknowledged; open the folder anew. */
  readonly onFailed?: (error: Error) => void
}

/** The engine in one file: `counts` says what it did since it was opened. */
export interface LibsqlEngine extends Engine {
  readonly counts: {
    readonly turns: number
    readonly commits: number
    readonly flushes: number
    readonly bytes: number
  }
}

/** An engine over one database file: a message is acknowledged, a reply leaves and an effect starts only when all before is on disk. */
export function libsqlEngine(options: LibsqlOptions): LibsqlEngine {
  const { actors, database, clock = systemClock, onFailed = () => {} } = options
  const ids = createKnownIds()
  const past = recover(database, ids, clock.now() - REMEMBERED)
  const names = createNames(past.names)
  const { residents } = past
  const held = new Map([...past.pending].map(([id, letter]) => [id, letter] as const))
  const happened = createBus<unknown>()
  const deltas = createBus<Json>()
  const counts = { turns: 0, commits: 0 }
  const askers = new Set<(error: Error) => void>()
  let phase: 'open' | 'stopping' | 'stopped' | 'failed' = 'open'

  const checkpoint = createCheckpoint(
    { ...past, residents: residents.values(), onSaved: evict, forgetBefore },
    options.checkpoint,
  )
  const committer = createCommitter({ database, checkpoint, last: past.last, onFailed: fail })
  const dispatcher = createDispatcher({ actors, database, committer, clock, deltas, residents, names, finish })
  const timers = createTimers(clock, dispatcher.deliver)

  function forgetBefore(): number {
    const oldest = clock.now() - REMEMBERED
    ids.forget(oldest)
    return oldest
  }

  // what comes in

  function accept(envelope: Envelope): void {
    const letter = createLetter(envelope, committer.batch.seq)
    committer.batch.mail.push(letter)
    route(letter)
    committer.touch()
  }

  function route(letter: Letter): void {
    if ((letter.envelope.due ?? 0) > clock.now()) timers.add(letter)
    else dispatcher.deliver(letter)
  }

  /** Takes in a message from outside, unless its id is known. */
  function receive(
    to: ActorRef,
    body: Json,
    given: TellOptions & { readonly replyTo?: ActorRef },
    keep: boolean,
  ): Known {
    if (phase !== 'open')
      throw new BusyError(phase === 'failed' ? 'the data folder cannot be written' : 'the engine is stopping')
    if (!dispatcher.knows(to.kind)) throw new NotFoundError(`no actor of kind ${to.kind}`)
    const known = given.id === undefined ? undefined : ids.get(given.id)
    if (known) {
      takeUp(given.correlationId ?? known.id)
      return known
    }
    const envelope = envelopeFrom(to, body, clock.now(), given)
    const added = ids.add(envelope.id, clock.now(), keep, committer.batch)
    accept(envelope)
    return added
  }

  function takeUp(only?: string): void {
    for (const [id, letter] of held) {
      const { to, correlationId } = letter.envelope
      if ((only !== undefined && correlationId !== only) || !dispatcher.knows(to.kind)) continue
      held.delete(id)
      route(letter)
    }
  }

  // what a turn decided

  function finish(resident: Resident, letter: Letter, commit: Commit): void {
    if (phase === 'stopped' || phase === 'failed') return
    counts.turns++
    commitTurn(resident, letter, commit)
    if (letter.envelope.type === 'cancel') dropWork(resident, letter.envelope)
    committer.touch()
  }

  function dropWork(resident: Resident, { correlationId, body }: Envelope): void {
    const { reason } = body as { reason: string }
    for (const waiting of removeWork(resident, correlationId))
      commitTurn(resident, waiting, dropTurn(resident.cell, waiting.envelope, reason))
  }

  function commitTurn(resident: Resident, letter: Letter, commit: Commit): void {
    const { batch } = committer
    batch.turns++
    letter.taken = batch.seq
    if (letter.born !== batch.seq) batch.taken.push(letter)
    if (commit.cell !== (resident.cell ?? null)) keep(resident, commit)
    for (const posted of commit.sends) post(stamp(posted, clock.now()))
    if (commit.events.length > 0 || !commit.cell)
      batch.durable.then(
        () => happened.tell(resident.name, undefined),
        () => {},
      )
  }

  function keep(resident: Resident, { cell, parts, events, taken }: Commit): void {
    const { batch } = committer
    counts.commits++
    resident.cell = cell ?? undefined
    resident.seq = batch.seq
    list(batch, resident)
    if (!cell) {
      wipe(batch, resident)
      resident.wiped = true
      resident.unsaved = nothingUnsaved()
      batch.durable.then(
        () => evict(resident),
        () => {},
      )
      return
    }
    for (const [name, value] of Object.entries(parts)) keepPart(resident, name, value)
    const first = cell.events - events.length + 1
    for (const [index, body] of events.entries()) {
      const numbered = { n: first + index, correlationId: taken.correlationId, body }
      resident.unsaved.events.push({ ...numbered, batch: batch.seq })
      const listed = batch.events.get(resident)
      if (listed) listed.push(numbered)
      else batch.events.set(resident, [numbered])
    }
  }

  function keepPart(resident: Resident, name: string, value: Json | null): void {
    const { batch } = committer
    resident.unsaved.parts.set(name, value)
    const parts = batch.parts.get(resident) ?? new Map<string, Json | null>()
    batch.parts.set(resident, parts.set(name, value))
  }

  function post(envelope: Envelope): void {
    const { kind, key } = envelope.to
    if (kind === 'reply') ids.answer(key, envelope, committer.batch)
    else if (kind === 'deadletter') committer.batch.letters.set(key, letterOf(envelope, clock.now()))
    else if (dispatcher.knows(kind)) accept(envelope)
    else
      committer.batch.letters.set(envelope.id, {
        id: envelope.id,
        at: clock.now(),
        letter: envelope,
        problem: noSuchKind(kind),
      })
  }

  // what leaves memory: an actor that is all in the tables, or gone, and has nothing to do
  function evict(resident: Resident): void {
    if (resident.cell) names.add(resident.name)
    const busy = resident.running || resident.queue.length > 0 || resident.seq > committer.durable
    const gone = !resident.cell && !resident.stored
    if (busy || (!gone && !checkpoint.isSaved(resident))) return
    if (residents.get(resident.name) === resident) residents.delete(resident.name)
  }

  function fail(error: Error): void {
    phase = 'failed'
    sendAway(error)
    onFailed(error)
  }

  function sendAway(error: Error): void {
    for (const leave of askers) leave(error)
  }

  function answered(known: Known, signal: AbortSignal | undefined): Promise<Envelope> {
    const { promise, resolve, reject } = Promise.withResolvers<Envelope>()
    const leave = () => reject(new CancelledError('the asker went away; the work goes on'))
    known.waiters.add(resolve)
    askers.add(reject)
    signal?.addEventListener('abort', leave, { once: true })
    return promise.finally(() => {
      known.waiters.delete(resolve)
      askers.delete(reject)
      signal?.removeEventListener('abort', leave)
    })
  }

  const letters = async (): Promise<ReadonlyMap<string, DeadLetter>> => {
    const changed = new Map([...checkpoint.letters, ...committer.batch.letters])
    const rows = database.all<{ id: string; letter: string }>('select id, letter from letter')
    const all = new Map(rows.map(({ id, letter }) => [id, JSON.parse(letter) as DeadLetter | null]))
    for (const [id, letter] of changed) all.set(id, letter)
    await committer.settled()
    return new Map([...all].filter((entry): entry is [string, DeadLetter] => entry[1] !== null))
  }

  async function dropLetter(id: string): Promise<DeadLetter> {
    const found = (await letters()).get(id)
    if (!found) throw new NotFoundError(`no dead letter ${id}`)
    committer.batch.letters.set(id, null)
    committer.touch()
    return found
  }

  return {
    async tell(to, body, given = {}) {
      await committer.whenDurable(receive(to, body, given, given.id !== undefined).seq)
    },
    async ask(to, body, given: AskOptions = {}) {
      const id = given.id ?? randomUUID()
      const replyTo = { kind: 'reply', key: id }
      const known = receive(to, body, { ...given, id, replyTo }, given.id !== undefined)
      const reply = known.reply ?? (await answered(known, given.signal))
      await committer.whenDurable(known.seq)
      if (reply.type === 'error') throw errorOf(reply.body as Problem)
      return reply.body
    },
    async cancel(of, correlationId, reason) {
      const { seq } = committer.batch
      takeUp(correlationId)
      accept({ ...envelopeFrom(of, { reason }, clock.now(), { correlationId }), type: 'cancel' })
      await committer.whenDurable(seq)
    },
    view: libsqlView({ database, committer, residents, happened, deltas }),
    deadLetters: {
      list: async () => [...(await letters()).values()],
      async retry(id) {
        const { letter } = await dropLetter(id)
        accept({ ...letter, id: childId(id, 'retry') })
        await committer.settled()
      },
      async drop(id) {
        await dropLetter(id)
        await committer.settled()
      },
    },
    async start({ only } = {}) {
      takeUp(only)
    },
    async stop({ grace } = {}) {
      if (phase !== 'open' && phase !== 'failed') return
      if (phase === 'open') phase = 'stopping'
      timers.stop()
      await dispatcher.stop(grace)
      await committer.settled()
      phase = 'stopped'
      sendAway(new CancelledError('the engine stopped; the work goes on when it starts again'))
      await database.close()
    },
    get counts() {
      return { ...counts, ...committer.counts }
    },
  }
}

function letterOf({ to, body }: Envelope, at: number): DeadLetter {
  const { letter, problem } = body as unknown as Pick<DeadLetter, 'letter' | 'problem'>
  return { id: to.key, at, letter, problem }
}

const noSuchKind = (kind: string): Problem => ({
  code: 'not_found',
  name: 'NotFoundError',
  message: `no actor of kind ${kind}`,
  terminal: true,
})
