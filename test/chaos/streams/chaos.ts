import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createSeededRandom } from '../../../trials/simulation/plan/random.ts'
import { followRun, type Heard, insist } from './client.ts'
import type { Victim } from './servers.ts'

/** Servers over one and the same, where a pipeline may lie, and how often one of them is killed. */
export type Chaos = {
  readonly victims: readonly Victim[]
  readonly folder: string
  readonly kills: number
  readonly seed: number
  readonly steps: number
}
/** What was found wrong, and how often clients had to come back. */
export type Outcome = { readonly faults: readonly string[]; readonly returns: number; readonly events: number }

const RUNS = 3
const FOLLOWERS = 3

/** Kills one server after the other while runs are started and followed; all of them live on in the end. */
export async function surviveKills({ victims, folder, kills, seed, steps }: Chaos): Promise<Outcome> {
  const random = createSeededRandom(seed)
  const over = new AbortController()
  const urls = victims.map(({ url }) => url)
  let told = 0
  let wake = () => {}
  const onEvent = () => {
    told++
    wake()
  }
  const untilTold = async (count: number) => {
    while (told < count) await new Promise<void>((resolve) => (wake = resolve))
  }
  await Promise.all(victims.map((victim) => victim.start()))
  const begin = async (generation: number) => {
    const file = await writePipeline(folder, steps, generation)
    const runs = Array.from({ length: RUNS }, (_, n) => `run-${generation}-${n}`)
    for (const id of runs) await startRun(urls, file, id)
    const followers = runs.flatMap((run) => Array.from({ length: FOLLOWERS }, () => run))
    return Promise.all(followers.map((run, n) => followRun(urls, n, run, over.signal, onEvent)))
  }
  const heard: Promise<readonly Heard[]>[] = []
  try {
    for (let kill = 0; kill < kills; kill++) {
      heard.push(begin(kill))
      const victim = victims[kill % victims.length]!
      await Promise.race([untilTold(told + FOLLOWERS * RUNS * (1 + random.below(steps))), heard.at(-1)])
      await victim.kill()
      await writeFile(gateOf(folder, kill), '')
      await victim.start()
    }
    const all = (await Promise.all(heard)).flat()
    const faults = await Promise.all(all.map((each) => judge(urls, each)))
    return {
      faults: faults.flat(),
      returns: all.reduce((sum, { connections }) => sum + connections - 1, 0),
      events: told,
    }
  } finally {
    over.abort()
    await Promise.allSettled(heard)
  }
}

/** What its runs wait for at their end: so that a kill meets them however slow the machine is. */
const gateOf = (folder: string, generation: number) => join(folder, `gate-${generation}`)

async function writePipeline(folder: string, steps: number, generation: number): Promise<string> {
  const file = join(folder, `pace-${generation}.yaml`)
  const lines = [
    'name: pace',
    'steps:',
    '  - id: all',
    `    for_each: "{{ range(${steps}) }}"`,
    '    steps:',
    '      - { id: one, tool: pace, parameters: { n: "{{ position }}" } }',
    `  - { id: gate, tool: gate, parameters: { file: '${gateOf(folder, generation)}' }, dependencies: [all] }`,
    '',
  ]
  await writeFile(file, lines.join('\n'))
  return file
}

/** The same id starts one run only, so that it may be started again when nobody knows whether it was. */
async function startRun(urls: readonly string[], file: string, id: string): Promise<void> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ file, id }) }
  const response = await insist(urls, '/v1/runs', () => init)
  await response.body?.cancel()
}

/** Each durable event once, in order, and the same that is told now. */
async function judge(urls: readonly string[], { run, events }: Heard): Promise<readonly string[]> {
  const numbers = events.map(({ id }) => id!)
  const wrong = numbers.findIndex((id, at) => id !== at + 1)
  if (wrong !== -1) return [`${run}: event ${numbers[wrong]} came as number ${wrong + 1}, after ${numbers[wrong - 1]}`]
  const now = await followRun(urls, 0, run, new AbortController().signal, () => {})
  return isDeepStrictEqual(now.events, events) ? [] : [`${run}: what is told now is not what was told before`]
}
