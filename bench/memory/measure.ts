import { statSync } from 'node:fs'
import { join } from 'node:path'
import { percentile } from '../load.ts'
import { openBare } from './bare.ts'
import { type BenchRecord, createData, DIMENSIONS } from './data.ts'
import { openOurs } from './ours.ts'

/** A figure beside its goal. `ratio`: to the bare one, higher is better unless `atMost`. */
export type MemoryFigure = {
  readonly name: string
  readonly ours: number
  readonly bare?: number
  readonly mastra?: number
  readonly unit: string
  readonly ratio?: number
  readonly floor?: number
  readonly aim?: number
  readonly atMost?: true
}

/** `mastra`: how many records Mastra gets, since its adds are slow and its index is built with them. */
export type MemorySize = {
  readonly records: number
  readonly owners: number
  readonly queries: number
  readonly mastra: number
}

/** How a measurement says how far it is, and each figure as soon as it is there, without Mastra's. */
export type MemoryTold = { tell(line: string): void; onFigure(figure: MemoryFigure): void }

const BATCH = 100

type Sides = { readonly ours: ReturnType<typeof openOurs>; readonly bare: ReturnType<typeof openBare> }

/** Measures a memory of one owner, and one of many, beside bare libSQL and Mastra in one run. */
export async function measureMemory(
  folder: string,
  { records, owners, queries, mastra: some }: MemorySize,
  { tell, onFigure }: MemoryTold,
): Promise<readonly MemoryFigure[]> {
  const data = createData(1)
  const paths = { ours: join(folder, 'ours.db'), bare: join(folder, 'bare.db'), many: join(folder, 'many.db') }
  const sides = { ours: openOurs(paths.ours), bare: openBare(paths.bare) }
  const told = <Figure extends MemoryFigure>(figure: Figure): Figure => {
    onFigure(figure)
    return figure
  }
  const batches = Array.from({ length: Math.ceil(records / BATCH) }, () => Array.from({ length: BATCH }, data.record))
  const all = batches.flat()
  const [adds, vectors] = (await measureAdds(sides, batches, tell)).map(told)
  const asked = Array.from({ length: queries }, data.query)
  const [meaning, ...searches] = (await measureSearches(sides, all, asked)).map(told)
  const textBytes = all.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  const bytes = (statSync(paths.ours).size - textBytes) / all.length
  const singles = await measureSingles(sides, data)
  const ratio = singles.ours / singles.bare
  const single = told({ name: 'one add, p50', ...singles, unit: 'ms', ratio, aim: 2, atMost: true })
  await sides.ours.close()
  sides.bare.close()
  tell('many owners')
  const many = await measureMany(paths.many, { records, owners, queries }, data)
  const name = `hybrid search, ${Math.round(records / owners)} records of one of ${owners} owners, p95`
  const ofMany = told(ofTime(name, many, 5))
  const own = { ours: bytes, ratio: bytes, unit: 'B', floor: 2_000 }
  const size = told({ name: 'bytes of a record beside its text', ...own, atMost: true })
  const mastra = await measureMastra(folder, all.slice(0, some), asked)
  const besideMastra = (figure: MemoryFigure, theirs: number | undefined): MemoryFigure =>
    theirs === undefined ? figure : { ...figure, mastra: theirs }
  return [
    besideMastra(adds!, mastra?.add),
    vectors!,
    single,
    besideMastra(meaning!, mastra?.search),
    ...searches,
    ofMany,
    size,
  ]
}

/** Adds in turn, so that both see the same machine. */
async function measureAdds(
  { ours, bare }: Sides,
  batches: readonly (readonly BenchRecord[])[],
  tell: (line: string) => void,
): Promise<readonly MemoryFigure[]> {
  const adding = { ours: 0, vectors: 0, bare: 0 }
  for (const [at, batch] of batches.entries()) {
    adding.ours += await timed(() => ours.add('ada', batch))
    adding.vectors += await timed(() => ours.embed('ada'))
    adding.bare += await timed(() => bare.add(batch))
    if ((at * BATCH) % 10_000 === 0) tell(`added ${at * BATCH}`)
  }
  const each = (ms: number) => ((batches.length * BATCH) / ms) * 1000
  const added = (name: string, ms: number) => {
    return { name, ours: each(ms), bare: each(adding.bare), unit: '/s', ratio: adding.bare / ms }
  }
  return [
    { ...added('adds in batches of 100, acknowledged', adding.ours), floor: 0.33, aim: 0.45 },
    added('the same, and their vectors kept', adding.ours + adding.vectors),
  ]
}

async function measureSearches(
  { ours, bare }: Sides,
  all: readonly BenchRecord[],
  asked: readonly BenchRecord[],
): Promise<readonly MemoryFigure[]> {
  const byMeaning = { ours: [] as number[], bare: [] as number[] }
  const byWords = { ours: [] as number[], bare: [] as number[] }
  const hybrid: number[] = []
  let recalled = 0
  const textOf = (rid: number) => all[rid - 1]?.text
  await ours.search('ada', asked[0]!.text, asked[0]!.vector)
  for (const query of asked) {
    let found: readonly string[] = []
    // a word that no record has, so that only meaning counts
    byMeaning.ours.push(await timed(async () => (found = await ours.search('ada', 'zzzz', query.vector))))
    let exact: readonly number[] = []
    byMeaning.bare.push(await timed(() => (exact = bare.nearest(query))))
    recalled += exact.filter((rid) => found.includes(textOf(rid) ?? '')).length / exact.length
    byWords.ours.push(await timed(() => ours.search('ada', query.text)))
    byWords.bare.push(await timed(() => bare.words(query)))
    hybrid.push(await timed(() => ours.search('ada', query.text, query.vector)))
  }
  const recall = recalled / asked.length
  return [
    compared(`search by meaning, ${all.length} records, p50`, byMeaning, 4),
    { name: 'recall@10 of it', ours: recall, unit: '', ratio: recall, floor: 0.98 },
    compared('search by words, p50', byWords, 5),
    ofTime('hybrid search, p95', hybrid, 20),
  ]
}

const ofTime = (name: string, times: readonly number[], aim: number): MemoryFigure => {
  const ours = shareOf(times, 0.95)
  return { name, ours, unit: 'ms', ratio: ours, aim, atMost: true }
}

function compared(
  name: string,
  times: { readonly ours: readonly number[]; readonly bare: readonly number[] },
  floor: number,
): MemoryFigure {
  const [ours, bare] = [shareOf(times.ours, 0.5), shareOf(times.bare, 0.5)]
  return { name, ours, bare, unit: 'ms', ratio: bare / ours, floor }
}

const SINGLES = 50

async function measureSingles(
  { ours, bare }: Sides,
  data: ReturnType<typeof createData>,
): Promise<{ readonly ours: number; readonly bare: number }> {
  const times = { ours: [] as number[], bare: [] as number[] }
  for (let left = SINGLES; left > 0; left--) {
    const one = [data.record()]
    times.ours.push(await timed(() => ours.add('bob', one)))
    times.bare.push(await timed(() => bare.add(one)))
  }
  return { ours: shareOf(times.ours, 0.5), bare: shareOf(times.bare, 0.5) }
}

async function measureMany(
  path: string,
  { records, owners, queries }: Omit<MemorySize, 'mastra'>,
  data: ReturnType<typeof createData>,
): Promise<readonly number[]> {
  const ours = openOurs(path)
  for (let owner = 0; owner < owners; owner++) {
    for (let left = records / owners; left > 0; left -= BATCH)
      await ours.add(`owner-${owner}`, Array.from({ length: Math.min(left, BATCH) }, data.record))
    await ours.embed(`owner-${owner}`)
  }
  const times: number[] = []
  for (let left = queries; left > 0; left--) {
    const { text, vector } = data.query()
    times.push(await timed(() => ours.search(`owner-${left % 2}`, text, vector)))
  }
  await ours.close()
  return times
}

type MastraVectors = {
  add(records: readonly BenchRecord[]): Promise<void>
  nearest(query: BenchRecord): Promise<unknown>
}

/** Mastra's LibSQLVector with some of the records; undefined when it is not installed. */
async function measureMastra(
  folder: string,
  records: readonly BenchRecord[],
  asked: readonly BenchRecord[],
): Promise<{ readonly add: number; readonly search: number } | undefined> {
  if (records.length === 0) return undefined
  const vectors = await openMastra(join(folder, 'mastra.db'))
  if (!vectors) return undefined
  let adding = 0
  for (let made = 0; made < records.length; made += BATCH)
    adding += await timed(() => vectors.add(records.slice(made, made + BATCH)))
  const times: number[] = []
  for (const query of asked.slice(0, 20)) times.push(await timed(() => vectors.nearest(query)))
  return { add: (records.length / adding) * 1000, search: shareOf(times, 0.5) }
}

async function openMastra(path: string): Promise<MastraVectors | undefined> {
  try {
    const { openVectors } = (await import('../peers/mastra-vectors.js' as string)) as {
      openVectors(path: string, dimension: number): Promise<MastraVectors>
    }
    return await openVectors(path, DIMENSIONS)
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

async function timed(work: () => unknown): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

const shareOf = (times: readonly number[], share: number) =>
  percentile(
    times.toSorted((a, b) => a - b),
    share,
  )
