// npm run torture -- kinds: every kind of step and loop, killed wherever it can be.
import { parseArgs } from 'node:util'
import { faultsOf } from './judge.ts'
import { type Killed, killProcesses, killSimulated } from './kill.ts'
import type { Surroundings } from './simulate.ts'
import type { Story } from './story.ts'
import { openSurroundings } from './surroundings.ts'
import { REAL, TABLE } from './table.ts'

export const USAGE = `Usage: npm run torture -- kinds [--long] [--json]

Runs pipelines in which every kind of step and loop occurs, kills their process, and compares what the next one brings
them to with what nobody disturbed: a crash before and after commits and effects on a simulated clock, one pipeline
after the other, and then SIGKILL at flushes of a process in which all of them run. Ends with code 1 when anything differs.

  --long        at every commit, effect and flush (absent: at some of them, as the tests do)
  --json        print the verdict as JSON
  --help        show this`

/** Reads what was asked for, does it, and tells; the exit code says whether there were faults. */
export async function tortureKinds(args: readonly string[]): Promise<void> {
  const { long, json, help } = readOptions(args)
  if (help) return console.log(USAGE)
  const around = await openSurroundings()
  try {
    const simulated = await simulateTable(around, long)
    const killed = await killTable(around, long)
    const verdict = {
      simulated: simulated.kills,
      killed: killed.kills,
      faults: [...simulated.faults, ...killed.faults],
    }
    console.log(json ? JSON.stringify(verdict) : inWords(verdict))
    if (verdict.faults.length > 0) process.exitCode = 1
  } finally {
    await around.close()
  }
}

function readOptions(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const
  return parseArgs({ args: [...args], options: { long: flag, json: flag, help: flag } }).values
}

async function simulateTable(around: Surroundings, isLong: boolean): Promise<Killed> {
  let kills = 0
  const faults: string[] = []
  for (const one of TABLE) {
    const found = await killSimulated(one, around, isLong)
    console.error(`${one.name}: ${found.kills} crashes, ${found.faults.length} faults`)
    kills += found.kills
    faults.push(...found.faults)
  }
  return { kills, faults }
}

async function killTable(around: Surroundings, isLong: boolean): Promise<Killed> {
  const faults: string[] = []
  const tell = (story: Story, calm: Story) => {
    const found = REAL.flatMap((one, at) => faultsOf(one, story.lived[at]!, calm.lived[at]!))
    console.error(`killed ${story.title}: ${found.length} faults`)
    faults.push(...found)
  }
  const { stories, lost } = await killProcesses(around, isLong, tell)
  return { kills: stories.reduce((sum, story) => sum + story.kills, 0), faults: [...faults, ...lost] }
}

type Verdict = { readonly simulated: number; readonly killed: number; readonly faults: readonly string[] }

const MOST = 20

function inWords({ simulated, killed, faults }: Verdict): string {
  const found = faults.length === 0 ? ['no fault'] : [`${faults.length} faults:`, ...faults.slice(0, MOST)]
  return [`${simulated} simulated crashes`, `${killed} processes killed`, ...found].join('\n')
}
