import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import type { RunDocument } from '../../src/run/document.ts'
import type { Answer } from '../../src/thread/room/port.ts'
import { works } from './flush/life.ts'
import { KILLS, LIVES, SERIES, STEP, type Stories, tellStories } from './flush/stories.ts'
import type { End, Story, Work } from './flush/story.ts'
import { type Event, eventsIn, type Flush, idsIn, mailIn, outcomesIn, takersIn } from './flush/witness.ts'
import type { Wreck } from './flush/wreck.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-flush-'))
const told = {} as { [work in Work]: Stories }

// dear: each life between two kills is a process
beforeAll(
  async () => {
    const [run, ask] = await Promise.all([tellStories('run', folder), tellStories('ask', folder)])
    Object.assign(told, { run, ask })
  },
  300_000 + 20_000 * KILLS,
)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const stories = (work: Work) => told[work].all
const ended = (work: Work) =>
  stories(work).flatMap((story) => ('fault' in story.end ? [] : [{ ...story, end: story.end }]))

function undisturbed(work: Work): End {
  const end = told[work].undisturbed
  if (!end) throw new Error(`an undisturbed ${work} does not end`)
  return end
}

/** What had been told written when the ledger got its line number `at`. */
function toldBefore({ ledger, told }: End, at: number): readonly Flush[] {
  const before = new Set(ledger.slice(0, at))
  return told.filter(({ seq }) => before.has(`flush ${seq}`))
}

// what is promised of both

describe.each(['run', 'ask'] as const)('a process with %s in flight, killed before and after each flush', (work) => {
  const { id, actor } = works[work]

  test('dies at nearly every flush there is', () => {
    const flushes = undisturbed(work).told.length
    expect(flushes).toBeGreaterThanOrEqual(work === 'run' ? 10 : 7)
    const killed = stories(work).filter(({ wrecks }) => wrecks.length === 1)
    expect(killed.length).toBeGreaterThanOrEqual((0.6 * flushes * SERIES.length) / STEP)
  })

  test('gets further with each life, however few flushes it has', () => {
    const lives = told[work].stubborn?.wrecks.length
    expect(lives).toBeGreaterThan(4)
    expect(lives).toBeLessThan(LIVES)
  })

  test('leaves a valid file that holds exactly the acknowledged writes', () => {
    for (const { title, wrecks } of stories(work))
      for (const { integrity, log, told } of wrecks) {
        expect(integrity, title).toBe('ok')
        expect(log, title).toEqual(told.slice(told.length - log.length).map(({ over: _, ...flush }) => flush))
      }
    const isTrimmed = ({ wrecks }: Story) => wrecks.some(({ log, told }) => log.length < told.length)
    expect(stories(work).filter(isTrimmed).length).toBeGreaterThan(1)
  })

  test('acknowledges only what is durable', () => {
    for (const { title, end } of ended(work)) {
      const at = end.ledger.indexOf('acknowledged')
      const { known, answered } = idsIn(toldBefore(end, at === -1 ? Number.POSITIVE_INFINITY : at))
      expect(work === 'run' ? known : answered, title).toContain(id)
    }
  })

  test('leaves work that the next process finds and completes', () => {
    expect(stories(work).flatMap(({ title, end }) => ('fault' in end ? [`${title}: ${end.fault}`] : []))).toEqual([])
  })

  test('its events are numbered without gap, each is there once, and a client sees just these', () => {
    for (const { title, end } of ended(work)) {
      expect(end.events, title).toEqual(eventsIn(end.told, actor))
      expect(
        end.events.map(({ n }) => n),
        title,
      ).toEqual(end.events.map((_, at) => at + 1))
      expect(end.events[0]!.body.type, title).toBe(`${work}-start`)
    }
  })

  test('events that were durable before a kill are still first after it', () => {
    for (const { title, wrecks, end } of ended(work))
      for (const { told } of wrecks) {
        const before = eventsIn(told, actor)
        expect(end.events.slice(0, before.length), title).toEqual(before)
      }
  })

  test('a repeated request with the same id gets the same answer and does nothing', () => {
    for (const { title, end } of ended(work)) {
      expect(end.again, title).toEqual(end.result)
      expect(end.tasks.again, title).toBe(0)
    }
  })
})
// what is promised of a run

/** What became of the step that must not be repeated: it began before some kill, and no outcome of it was kept. */
const isUnknown = ({ wrecks }: Story) => wrecks.some(({ told }) => isBegun(told, `step/${works.run.actor.key}.post`))

function isBegun(told: readonly Flush[], step: string): boolean {
  const effects = outcomesIn(told).flatMap(({ actor, effect }) => (actor === step ? [effect] : []))
  return effects.includes('execute#begin') && !effects.includes('execute')
}

const runs = () => ended('run').map((story) => ({ ...story, document: story.end.result as RunDocument }))
const whole = () => runs().filter((story) => !isUnknown(story))

/** The calls of tools, each with what had been told written by then. */
function startsIn(end: End) {
  return end.ledger.flatMap((line, at) => {
    const [, message, effect] = /^start (\S+)\/execute (\S+)$/.exec(line) ?? []
    return message ? [{ message, effect, told: toldBefore(end, at) }] : []
  })
}

const marksIn = (told: readonly Flush[]) =>
  outcomesIn(told).flatMap(({ message, effect }) => (effect === 'execute#begin' ? [message] : []))

const stepEnds = (events: readonly Event[]) => events.flatMap(({ body }) => (body.type === 'step-end' ? [body] : []))
const times = (ledger: readonly string[], line: string) => ledger.filter((other) => other.startsWith(`${line} `)).length
const SIGNED = /^(list|each_\d_look|each_\d_keep|post|again)$/

describe('a run', () => {
  test('has the same result as an undisturbed run', () => {
    const { steps, outputs, counts } = undisturbed('run').result as RunDocument
    expect(whole().length).toBeGreaterThan(runs().length / 3)
    for (const { title, document, end } of whole()) {
      expect(document, title).toMatchObject({ status: 'completed', outputs, counts })
      expect(outcomesOf(document), title).toEqual(outcomesOf({ steps }))
      expect(end.written, title).toEqual(undisturbed('run').written)
      expect(end.events.at(-1)!.body, title).toMatchObject({ type: 'run-end', status: 'completed' })
    }
  })

  test('tells each step to have started once and ended once', () => {
    const story = (events: readonly Event[]) => events.map(({ body }) => `${body.type} ${body.step ?? ''}`).sort()
    for (const { title, end } of whole()) expect(story(end.events), title).toEqual(story(undisturbed('run').events))
    for (const { title, end } of runs()) expect(new Set(story(end.events)).size, title).toBe(end.events.length)
  })

  test('does not restart a step whose end was durable before the kill', () => {
    for (const { title, wrecks, end, document } of runs())
      for (const [life, { told, ledger }] of wrecks.entries())
        for (const { step, key, attempts } of signedEnds(eventsIn(told, works.run.actor), document)) {
          const starts = times(end.ledger, `start ${key}`)
          expect(starts, `${title}: ${step}`).toBe(life === 0 ? attempts : times(ledger, `start ${key}`))
        }
  })

  test('starts no effect but a pure one before its message is durable, none at most once before its begin mark is', () => {
    for (const { title, end } of runs())
      for (const { message, effect, told } of startsIn(end).filter(({ effect }) => effect !== 'pure')) {
        expect(mailIn(told), title).toContain(message)
        if (effect === 'at-most-once') expect(marksIn(told), title).toContain(message)
      }
  })

  test('does not count a step as done if its work did not end', () => {
    for (const { title, end, document } of runs())
      for (const { step, key } of signedEnds(end.events, document))
        expect(times(end.ledger, `end ${key}`), `${title}: ${step}`).toBeGreaterThan(0)
  })

  test('makes no attempt again that is known to have failed', () => {
    const isKnown = ({ told }: Wreck) =>
      outcomesIn(told).some(({ actor, failed }) => failed && actor.endsWith('.again'))
    const failed = runs().filter(({ wrecks }) => wrecks.some(isKnown))
    expect(failed.length).toBeGreaterThan(0)
    for (const { title, end } of failed) {
      const { attempts } = stepEnds(end.events).find(({ step }) => step === 'again')!
      expect(attempts, title).toBe(2)
    }
  })

  test('handles a failure once: recovery that was durable before the kill is not repeated', () => {
    const handled = undisturbed('run').result as RunDocument
    expect(handled.steps.shaky).toMatchObject({ status: 'completed', handled: 'mend' })
    const known = ({ told }: Wreck, effect: string) =>
      outcomesIn(told).some((one) => one.actor === `step/${works.run.actor.key}.shaky` && one.effect === effect)
    for (const { title, wrecks, end, document } of runs().filter(({ document }) => document.status === 'completed')) {
      const key = keyOf('shaky', document)
      const mended = key.replace('/execute', '/rescue:0')
      const lives = (effect: string) => 1 + wrecks.filter((wreck) => !known(wreck, effect)).length
      expect(times(end.ledger, `start ${key}`), title).toBeGreaterThan(0)
      expect(times(end.ledger, `start ${key}`), title).toBeLessThanOrEqual(lives('execute'))
      expect(times(end.ledger, `end ${mended}`), title).toBeGreaterThan(0)
      expect(times(end.ledger, `start ${mended}`), title).toBeLessThanOrEqual(lives('rescue:0'))
    }
  })

  test('never starts an at-most-once step twice', () => {
    for (const { title, end, document } of runs())
      expect(times(end.ledger, `start ${keyOf('post', document)}`), title).toBeLessThan(2)
    for (const { title, end, document } of whole())
      expect(times(end.ledger, `end ${keyOf('post', document)}`), title).toBe(1)
  })

  test('fails by a person exactly when its at-most-once step had begun and no outcome was durable', () => {
    const unknown = runs().filter(isUnknown)
    expect(unknown.length).toBeGreaterThan(0)
    for (const { title, document } of unknown)
      expect(document, title).toMatchObject({
        status: 'failed',
        counts: { failed: 1 },
        error_code: 'settled_failed',
        failed_step: 'post',
      })
    for (const { title, document } of whole()) expect(document.status, title).toBe('completed')
  })
})

const outcomesOf = ({ steps }: Pick<RunDocument, 'steps'>) =>
  Object.values(steps).map(({ id, status, value, error }) => timeless({ id, status, value, error }))

/** As text, without when it was and how long it took. */
function timeless(value: Json): string {
  return JSON.stringify(value, (name, inner) => (['at', 'ms', 'duration'].includes(name) ? undefined : inner))
}

function signedEnds(events: readonly Event[], document: RunDocument) {
  return stepEnds(events)
    .filter(({ step, status }) => SIGNED.test(step as string) && status === 'completed')
    .map(({ step, attempts }) => ({ step: String(step), attempts, key: keyOf(String(step), document) }))
}

/** The idempotency key of a step's call, which its part holds. */
function keyOf(step: string, { steps }: RunDocument): string {
  return steps[step]!.idempotency_key!
}

// what is promised of an ask

/** Calls of each phase with the offline model: retrieving and thinking. */
const CALLS: { readonly [phase: string]: number } = {
  action: 1,
  'experience.vectors': 2,
  intention: 1,
  observation: 1,
  understanding: 1,
  yield: 1,
}
const phaseOf = (actor: string) =>
  actor.startsWith('phase/') ? actor.slice(`phase/${works.ask.actor.key}.`.length) : ''

/** Calls that a killed process had made and need not be made again: of phases that were taken, and outcomes of others. */
function callsKept({ told }: Wreck): number {
  const taken = takersIn(told).reduce((sum, actor) => sum + (CALLS[phaseOf(actor)] ?? 0), 0)
  return taken + callOutcomes(told)
}

const callOutcomes = (told: readonly Flush[]) =>
  outcomesIn(told).filter(({ actor, effect }) => phaseOf(actor) !== '' && !effect.includes('#')).length

describe('an ask', () => {
  test('gets the same answer as an undisturbed ask', () => {
    const { answer, citations } = undisturbed('ask').result as Answer
    expect(answer).toContain('last durable commit')
    expect(citations).toHaveLength(1)
    for (const { title, end } of ended('ask')) expect(end.result, title).toEqual(undisturbed('ask').result)
  })

  test('tells each phase to have started once and ended once, and the same of each', () => {
    // the legs of Experience may end in either order
    const story = (events: readonly Event[]) => events.map(({ body }) => timeless(body)).sort()
    for (const { title, end } of ended('ask'))
      expect(story(end.events), title).toEqual(story(undisturbed('ask').events))
  })

  test('repeats exactly the calls whose results were not stored', () => {
    const { needed } = undisturbed('ask').tasks
    expect(Object.values(CALLS).reduce((sum, calls) => sum + calls)).toBe(needed)
    const once = ended('ask').filter(({ kills, wrecks }) => kills.length === 1 && wrecks.length === 1)
    expect(once.some(({ wrecks }) => callOutcomes(wrecks[0]!.told) > 0)).toBe(true)
    for (const { title, wrecks, end } of once) expect(end.tasks.needed, title).toBe(needed - callsKept(wrecks[0]!))
  })
})
