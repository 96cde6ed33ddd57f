import { isDeepStrictEqual } from 'node:util'
import { TerminalError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { inlineOpener, type OnCommit } from '../../src/testing/openers/inline.ts'
import { libsqlOpener } from '../../src/testing/openers/libsql.ts'
import type { OpenEngine } from '../../src/testing/openers/opened.ts'
import { runTortureTrial, type TortureMessage, type TortureStep, type TortureTrial } from './trial.ts'

/** Actors, and their messages. Each message is sent when all consequences of the one before have ended. */
export type TortureOptions = {
  readonly actors: readonly Actor[]
  readonly messages: Iterable<TortureMessage>
  /** ms that pass after each message, on a simulated clock; absent: two minutes */
  readonly time?: number
  /** the maximum number of crashes for each engine, spread evenly over all points; absent: one at each point */
  readonly most?: number
  /** the part of a state or a reply that is compared; absent: all of it */
  readonly compared?: (value: Json) => Json
  /** how the engines are opened, by name; each reports its commits. Absent: inline and libSQL */
  readonly engines?: { readonly [name: string]: (onCommit: OnCommit) => OpenEngine }
}

/**
 * Crashes engines before and after every commit and every effect, one crash per trial. After each message it compares
 * the result with an undisturbed run: replies, states, numbers of events, dead letters. Throws a TerminalError that
 * names the difference. Resolves with the number of crashes by engine.
 */
export async function torture({ messages, ...rest }: TortureOptions): Promise<{ readonly [engine: string]: number }> {
  const plan = {
    time: 120_000,
    most: Number.POSITIVE_INFINITY,
    compared: (value: Json) => value,
    ...rest,
    messages: [...messages],
  }
  const crashes: { [engine: string]: number } = {}
  let undisturbed: TortureTrial | undefined
  for (const [engine, open] of Object.entries(plan.engines ?? DEFAULT_ENGINES)) {
    const calm = await runTortureTrial({ ...plan, open })
    undisturbed ??= calm
    check(plan, undisturbed, calm, `${engine} without any crash`)
    const points = spread(calm.points, plan.most)
    for (const crashAt of points) {
      const trial = await runTortureTrial({ ...plan, open, crashAt })
      check(plan, undisturbed, trial, `${engine}, crashed ${trial.crash} (point ${crashAt} of ${calm.points})`)
    }
    crashes[engine] = points.length
  }
  return crashes
}

const DEFAULT_ENGINES: TortureOptions['engines'] & {} = {
  inline: (onCommit) => inlineOpener({ onCommit }),
  // every flush contains a part of a checkpoint; a process that continues needs no fsync
  libsql: (onCommit) =>
    libsqlOpener({ onCommit, writer: 'main', synchronous: 'NORMAL', checkpoint: { bytes: 1, chunk: 1, trim: 1 } }),
}

/** At most that many of the numbers from 1 on, spread evenly. */
function spread(count: number, most: number): readonly number[] {
  const step = Math.max(1, count / most)
  return Array.from({ length: Math.min(count, most) }, (_, index) => Math.floor(index * step) + 1)
}

type CheckedOptions = { readonly messages: readonly TortureMessage[]; readonly compared: (value: Json) => Json }

function check(
  { messages, compared }: CheckedOptions,
  undisturbed: TortureTrial,
  trial: TortureTrial,
  how: string,
): void {
  for (const [index, { to, body }] of messages.entries()) {
    const difference = compare(undisturbed.steps[index]!, trial.steps[index]!, compared)
    if (!difference) continue
    const message = `message ${index} to ${to.kind}/${to.key} (${JSON.stringify(body)})`
    throw new TerminalError(`${how}: after ${message} ${difference}`, { code: 'torture' })
  }
}

function compare(expected: TortureStep, found: TortureStep, compared: (value: Json) => Json): string | undefined {
  const facts = factsOf(expected, compared)
  const others = factsOf(found, compared)
  for (const what of new Set([...facts.keys(), ...others.keys()])) {
    const [fact, other] = [facts.get(what), others.get(what)]
    if (!isDeepStrictEqual(fact, other))
      return `${what} is ${JSON.stringify(other)}, undisturbed it is ${JSON.stringify(fact)}`
  }
  return undefined
}

function factsOf(
  { reply, states, events, deadLetters }: TortureStep,
  compared: (value: Json) => Json,
): Map<string, Json> {
  return new Map([
    ['the reply', compared(reply)],
    ...Object.entries(states).map(([name, state]) => [`the state of ${name}`, compared(state)] as const),
    ...Object.entries(events).map(([name, count]) => [`the number of events of ${name}`, count] as const),
    ['what was given up', deadLetters],
  ])
}
