import { SYSTEM } from '../../contract/system.ts'
import type { Clock } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { allows, scopeMissing } from '../../house/scope.ts'
import { nameOf } from '../../kernel/ref.ts'
import { pause } from '../../lib/time/pause.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { handlers } from '../routing/route.ts'
import { eventStream } from '../stream/event-stream.ts'
import type { Sent } from '../wire/sse.ts'

/** ms between two looks, and at least so many times the time of a look: looking takes a fifth of the time at most. */
const PAUSE_MS = 250
const PAUSE_FACTOR = 4
/** ms after which a feed looks although nothing was committed: a wait may end by the clock. */
const IDLE_MS = 5000
/** ms after which the feed of a visitor ends, so that the login of the program is asked again */
const LOGIN_MS = 60_000
/** Runs and conversations that a look compares: the newest. */
const LOOKED_AT = 100

/** A topic: `look` gives a text that differs when something has changed. */
type Topic = { readonly name: string; look(): Promise<string>; about?(): { readonly n: number } }

/** The stream of changes for pages. */
export const feedHandlers = handlers(SYSTEM, {
  async feed({ runtime, query, clock, caller }) {
    const named = query.topics.split(',').map(topicNamed)
    if (!allows(caller.scopes, 'read') && named.some(({ name }) => name !== 'threads'))
      throw scopeMissing('read', caller)
    for (const { run } of named) if (run !== undefined) await runtime.runs.check(run)
    const until = caller.visitor ? clock.elapsed() + LOGIN_MS : Number.POSITIVE_INFINITY
    return eventStream((leaving) => changes(runtime, named, { clock, leaving, until }))
  },
})

type NamedTopic = { readonly name: string; readonly run?: string; readonly after: number }

function topicNamed(text: string): NamedTopic {
  if (text === 'runs' || text === 'inbox' || text === 'threads') return { name: text, after: 0 }
  const [, run, after] = /^run\/(.+?)(?::(\d{1,15}))?$/.exec(text) ?? []
  if (run !== undefined) return { name: nameOf(runRef(run)), run, after: Number(after ?? 0) }
  throw new InvalidError(
    `Expected the topic runs, inbox, threads or run/ID, got ${JSON.stringify(text.slice(0, 100))}.`,
    {
      place: { path: 'topics' },
    },
  )
}

/** `until`: the time of the clock at which the feed ends by itself. */
type Lasting = { readonly clock: Clock; readonly leaving: AbortSignal; readonly until: number }

/** Looks at the topics after commits, and tells those that have changed. */
async function* changes(
  runtime: ScopedRuntime,
  named: readonly NamedTopic[],
  { clock, leaving, until }: Lasting,
): AsyncGenerator<Sent> {
  const topics = named.map((one) => (one.run === undefined ? listTopic(runtime, one) : runTopic(runtime, one, leaving)))
  const known = new Map<string, string>()
  let commits: number | undefined
  let mustLook = true
  let lookedAt = 0
  while (!leaving.aborted && clock.elapsed() < until) {
    const now = runtime.serving.commits()
    const isNew = now === undefined || now !== commits
    commits = now
    let took = 0
    if (isNew || mustLook || clock.elapsed() - lookedAt > IDLE_MS) {
      // a commit is counted before it is durable, so the look after the last one is repeated
      mustLook = isNew
      const begun = clock.elapsed()
      for (const topic of topics) {
        const { name } = topic
        const seen = await topic.look()
        if (known.get(name) === seen) continue
        known.set(name, seen)
        yield { event: 'event', data: { topic: name, ...topic.about?.() } }
      }
      lookedAt = clock.elapsed()
      took = lookedAt - begun
    }
    await pause(clock, Math.max(PAUSE_MS, took * PAUSE_FACTOR), leaving)
  }
}

function listTopic({ runs, serving, threads }: ScopedRuntime, { name }: NamedTopic): Topic {
  const looks: { readonly [topic: string]: () => Promise<unknown> } = {
    inbox: serving.inboxMark,
    threads: () => threads.list({ limit: LOOKED_AT }),
    // among many runs that wait, those that are running would be far to seek
    runs: async () => [await runs.list({ limit: LOOKED_AT }), await runs.list({ limit: LOOKED_AT, status: 'open' })],
  }
  return { name, look: async () => JSON.stringify(await looks[name]!()) }
}

/** A run changes with its durable events. */
function runTopic({ runs }: ScopedRuntime, { name, run = '', after }: NamedTopic, signal: AbortSignal): Topic {
  let newest = after
  let fault: unknown
  const read = async () => {
    for await (const { n } of runs.events(run, { after, signal })) newest = n
  }
  read().catch((error) => {
    fault = error
  })
  return {
    name,
    about: () => ({ n: newest }),
    async look() {
      if (fault !== undefined && !signal.aborted) throw fault
      return String(newest)
    },
  }
}
