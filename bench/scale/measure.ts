import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startChild } from '../children.ts'
import type { Figure } from '../figures.ts'
import { percentile } from '../load.ts'
import { createData } from '../memory/data.ts'
import { openOurs } from '../memory/ours.ts'

/** How much is kept. */
export type ScaleSize = { readonly runs: number; readonly records: number; readonly searches: number }

/** Measures what commands and searches cost in a folder that keeps much. */
export async function measureScale(
  folder: string,
  { runs, records, searches }: ScaleSize,
  onFigure: (figure: Figure) => void,
): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  const told = (figure: Figure) => {
    figures.push(figure)
    onFigure(figure)
  }
  for (const [name, kept] of [
    ['few', 100],
    ['many', runs],
  ] as const) {
    const value = await openingOf(join(folder, `${name}.db`), kept)
    told({ name: `opening a folder with ${count(kept)} kept runs, CPU`, value, unit: 'ms', aim: 100 })
  }
  const hybrid = await searchWithUnread(join(folder, 'memory.db'), records, searches)
  const title = `hybrid search, ${count(records)} records, one of them unread, p95`
  told({ name: title, value: hybrid, unit: 'ms', floor: 25 })
  told({ name: '`antiphon --version`, CPU', value: await cpuOf('--version'), unit: 'ms', floor: 60 })
  return figures
}

const count = (number: number) => number.toLocaleString('en')

const OPENINGS = 5
const LONGEST_MS = 300_000

async function openingOf(path: string, runs: number): Promise<number> {
  const ask = async (question: object) => {
    const child = startChild(join(import.meta.dirname, 'opening.ts'))
    try {
      return await child.ask<{ readonly cpu: number }>({ path, ...question }, LONGEST_MS)
    } finally {
      await child.end()
    }
  }
  await ask({ runs })
  // what the first one leaves in the log is moved, as by a command after another
  const times: number[] = []
  for (let opening = 0; opening < OPENINGS; opening++) times.push((await ask({})).cpu)
  return median(times)
}

const BATCH = 100

/** Searches by words and meaning while one record waits for its vector. */
async function searchWithUnread(path: string, records: number, searches: number): Promise<number> {
  const [data, memory] = [createData(1), openOurs(path)]
  try {
    for (let added = 0; added < records; added += BATCH) {
      await memory.add('ada', Array.from({ length: BATCH }, data.record))
      await memory.embed('ada')
    }
    await memory.add('ada', [data.record()])
    const times: number[] = []
    for (let search = 0; search <= searches; search++) {
      const { text, vector } = data.query()
      const began = performance.now()
      await memory.search('ada', text, vector)
      // the first one loads the signatures
      if (search > 0) times.push(performance.now() - began)
    }
    return percentile(
      times.toSorted((a, b) => a - b),
      0.95,
    )
  } finally {
    await memory.close()
  }
}

const BIN = join(import.meta.dirname, '../../bin/antiphon.js')

/** ms of the processor that a command takes, as its own process counts them at its end. */
async function cpuOf(...given: readonly string[]): Promise<number> {
  const tellCpu = `data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();process.stderr.write('cpu '+(user+system))})`
  const times: number[] = []
  for (let start = 0; start < OPENINGS; start++) {
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', tellCpu, BIN, ...given])
    times.push(Number(/cpu (\d+)/.exec(stderr)![1]) / 1000)
  }
  return median(times)
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
