// npm run torture: the kills of the tests, as many and as long as one likes.
import { parseArgs } from 'node:util'
import { killUnderLoad } from './load.ts'

const USAGE = `Usage: npm run torture -- [--kills N] [--seconds S] [--seed N] [--json]

Kills a process under load with SIGKILL at random instants, again and again, and judges by a ledger that no engine
knows of what was lost, done twice or taken back. Ends with code 1 when anything was.

  --kills N     at least so many kills (default: 200)
  --seconds S   and for at least so many seconds (default: 0)
  --seed N      of the instants of the kills and the settings of the lives (default: random)
  --json        print the verdict as JSON
  --help        show this`

const NUMBERS = ['kills', 'seconds', 'seed'] as const

function readOptions() {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  for (const name of NUMBERS) if (!/^\d+$/.test(values[name])) throw new TypeError(`--${name} takes a whole number`)
  const { kills, seconds, seed, json, help } = values
  return { kills: Number(kills), seconds: Number(seconds), seed: Number(seed), json, help }
}

async function main(): Promise<void> {
  const { json, help, ...load } = readOptions()
  if (help) return console.log(USAGE)
  const tell = (kills: number) => kills % 50 === 0 && console.error(`${kills} kills`)
  if (!json) console.log(`seed ${load.seed}`)
  const verdict = await killUnderLoad(load, tell)
  console.log(json ? JSON.stringify({ seed: load.seed, ...verdict }) : inWords(verdict))
  if (verdict.faults.length > 0) process.exitCode = 1
}

function inWords({ kills, done, effects, faults }: Awaited<ReturnType<typeof killUnderLoad>>): string {
  const work = Object.entries(done).map(([strand, count]) => `${strand} ${count}`)
  return [`${kills} kills`, `acknowledged: ${work.join(', ')}`, `effects: ${effects}`, ...shown(faults)].join('\n')
}

const MOST = 20
const shown = (faults: readonly string[]) =>
  faults.length === 0 ? ['no fault'] : [`${faults.length} faults:`, ...faults.slice(0, MOST)]

try {
  await main()
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error)
  process.exitCode = error instanceof TypeError ? 2 : 1
}
