// npm run torture: the kills of the tests, as many and as long as one likes.
import { parseArgs } from 'node:util'
import { surviveChaos } from '../cluster/chaos.ts'
import { USAGE as KINDS, tortureKinds } from '../kinds/main.ts'
import type { Verdict } from './judge.ts'
import { killUnderLoad, type Load } from './load.ts'

const USAGE = `Usage: npm run torture -- [--engine libsql|restate] [--kills N] [--seconds S] [--seed N] [--json]

Kills a process under load with SIGKILL at random instants, again and again, and judges by a ledger that no engine
knows of what was lost, done twice or taken back. Ends with code 1 when anything was. On Restate the processes are
three servers and two nodes, and at least 300 runs of ten steps have to end.

  --engine E    what is tortured (default: libsql)
  --kills N     at least so many kills (default: 200 on libsql, 20 on restate)
  --seconds S   and for at least so many seconds (default: 0)
  --seed N      of the instants of the kills and the settings of the lives (default: random)
  --json        print the verdict as JSON
  --help        show this

${KINDS}`

const NUMBERS = ['kills', 'seconds', 'seed'] as const

function readOptions() {
  const { values } = parseArgs({
    options: {
      engine: { type: 'string', default: 'libsql' },
      kills: { type: 'string' },
      seconds: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { engine, json, help, kills = KILLS[engine], ...rest } = values
  if (kills === undefined) throw new TypeError(`--engine is one of ${Object.keys(KILLS).join(', ')}`)
  const numbers = { ...rest, kills }
  for (const name of NUMBERS) if (!/^\d+$/.test(numbers[name])) throw new TypeError(`--${name} takes a whole number`)
  const { seconds, seed } = rest
  return { engine, kills: Number(kills), seconds: Number(seconds), seed: Number(seed), json, help }
}

const KILLS: { readonly [engine: string]: string } = { libsql: '200', restate: '20' }

async function torture(engine: string, load: Load) {
  if (engine === 'libsql') return killUnderLoad(load, (kills) => kills % 50 === 0 && console.error(`${kills} kills`))
  const tell = (kills: number, runs: number) => console.error(`${kills} kills, ${runs} runs`)
  const { repeats, ...verdict } = await surviveChaos({ ...load, runs: 300, beside: 1 }, tell)
  const tooMany =
    repeats.count > repeats.most
      ? [`${repeats.count} effects were done again, at most ${repeats.most} were under way`]
      : []
  return { ...verdict, repeats: repeats.count, faults: [...tooMany, ...verdict.faults] }
}

async function main(): Promise<void> {
  const { engine, json, help, ...load } = readOptions()
  if (help) return console.log(USAGE)
  if (!json) console.log(`seed ${load.seed}`)
  const verdict = await torture(engine, load)
  console.log(json ? JSON.stringify({ seed: load.seed, ...verdict }) : inWords(verdict))
  if (verdict.faults.length > 0) process.exitCode = 1
}

type Tortured = Verdict & { readonly kills: number; readonly repeats?: number }

function inWords({ kills, done, effects, repeats, faults }: Tortured): string {
  const work = Object.entries(done).map(([strand, count]) => `${strand} ${count}`)
  const again = repeats === undefined ? '' : `, of runs done again: ${repeats}`
  const lines = [`${kills} kills`, `acknowledged: ${work.join(', ')}`, `effects: ${effects}${again}`]
  return [...lines, ...shown(faults)].join('\n')
}

const MOST = 20
const shown = (faults: readonly string[]) =>
  faults.length === 0 ? ['no fault'] : [`${faults.length} faults:`, ...faults.slice(0, MOST)]

const [what, ...rest] = process.argv.slice(2)
try {
  await (what === 'kinds' ? tortureKinds(rest) : main())
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error)
  process.exitCode = error instanceof TypeError ? 2 : 1
}
