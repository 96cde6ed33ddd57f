import { setImmediate } from 'node:timers/promises'
import type { Engine } from '../../src/engine/engine.ts'
import { problemOf, TerminalError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { ActorRef } from '../../src/kernel/types.ts'
import { openTortureWorld, type TortureWorld, type TortureWorldOptions } from './world.ts'

/** A message from outside, and whether its sender waits for a reply. */
export type TortureMessage = { readonly to: ActorRef; readonly body: Json; readonly ask?: boolean }

/** The state after a message and all its consequences. */
export type TortureStep = {
  readonly reply: Json
  /** of all existing actors, by name */
  readonly states: { readonly [name: string]: Json }
  /** the number of events by actor, if it has any */
  readonly events: { readonly [name: string]: number }
  /** dead letters, by code */
  readonly deadLetters: readonly string[]
}

/** The result of a trial: its steps, the number of possible crash points, and the actual one. */
export type TortureTrial = {
  readonly steps: readonly TortureStep[]
  readonly points: number
  readonly crash: string | undefined
}

export type TortureTrialPlan = TortureWorldOptions & {
  readonly messages: readonly TortureMessage[]
  /** ms that pass after each message */
  readonly time: number
}

/**
 * Sends the messages one after the other, each when all work has
 * ended. A sender that got no answer because of a crash sends again.
 */
export async function runTortureTrial(plan: TortureTrialPlan): Promise<TortureTrial> {
  const world = await openTortureWorld(plan)
  try {
    const steps: TortureStep[] = []
    for (const [index, message] of plan.messages.entries()) {
      const reply = await send(world, message, `message ${index}`, (index + 1) * plan.time)
      steps.push({ reply, ...(await look(world)) })
    }
    return { steps, points: world.points, crash: world.crash }
  } finally {
    await world.close()
  }
}

async function send(world: TortureWorld, { to, body, ask }: TortureMessage, id: string, time: number): Promise<Json> {
  let told: Json | undefined
  do {
    if (told === undefined) {
      const { engine, lives } = world
      // replies of a crashed engine are ignored
      const hear = (reply: Json) => {
        if (world.lives === lives) told = reply
      }
      const sent = ask ? engine.ask(to, body, { id }) : engine.tell(to, body, { id }).then(() => null)
      sent.then(hear, (error) => hear({ problem: problemOf(error).code }))
    }
    await world.rest(time)
  } while (await world.recover())
  return told ?? 'none'
}

async function look({ engine, actors }: TortureWorld): Promise<Omit<TortureStep, 'reply'>> {
  const states: { [name: string]: Json } = {}
  for (const [name, ref] of actors) {
    const state = await engine.view.peek(ref)
    if (state !== undefined) states[name] = state
  }
  const counted = [...actors].map(async ([name, ref]) => [name, await countEvents(engine, ref)] as const)
  const letters = await engine.deadLetters.list()
  return {
    states,
    events: Object.fromEntries((await Promise.all(counted)).filter(([, count]) => count > 0)),
    deadLetters: letters.map(({ problem }) => problem.code).sort(),
  }
}

async function countEvents(engine: Engine, of: ActorRef): Promise<number> {
  const enough = new AbortController()
  let count = 0
  const reading = (async () => {
    for await (const { n } of engine.view.events(of, { signal: enough.signal }))
      if (n !== ++count) throw new TerminalError(`event ${n} of ${of.kind}/${of.key} has a gap before it`)
  })()
  for (let before = -1; before !== count; ) {
    before = count
    await setImmediate()
    await setImmediate()
  }
  enough.abort()
  await reading
  return count
}
