import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as agent from './agent/rows.ts'
import { addChain } from './chain/command.ts'
import * as cluster from './cluster/rows.ts'
import { createProgram, type Request } from './command.ts'
import { whyNoTrace } from './count/trace.ts'
import { addDeploys } from './deploys/command.ts'
import * as engine from './engine/rows.ts'
import { addFigures } from './figures.ts'
import { floorsOf } from './floors.ts'
import * as http from './http/rows.ts'
import { addKills } from './kills/command.ts'
import { probeMachine } from './machine.ts'
import { measureRows } from './measure.ts'
import { addMemory } from './memory/command.ts'
import { addOffline } from './offline/command.ts'
import { isPeer, openPeers, type Presence } from './peers/peers.ts'
import * as pipeline from './pipeline/rows.ts'
import * as pool from './pool/rows.ts'
import { renderRow } from './progress.ts'
import { addRecall } from './recall/command.ts'
import type { Report, Skipped } from './report.ts'
import type { Row } from './row.ts'
import { measureScale } from './scale/measure.ts'
import { summariseRow } from './summary.ts'
import { renderReport } from './table.ts'
import { tell, tellRow } from './tell.ts'
import * as tools from './tools/rows.ts'
import { measureUi } from './ui/measure.ts'
import { measureWorkflows } from './workflow/measure.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())

const program = createProgram(
  {
    engine: engine.ROWS,
    cluster: cluster.ROWS,
    pipeline: pipeline.ROWS,
    http: http.ROWS,
    pool: pool.ROWS,
    tools: tools.ROWS,
    agent: agent.ROWS,
  },
  run,
)
addOffline(program)
addChain(program, stop.signal)
addKills(program, stop.signal)
addDeploys(program, stop.signal)
addRecall(program)
addMemory(program)
addFigures(program, {
  name: 'scale',
  description: 'commands and searches in a folder with 300,000 kept runs, and a memory of 200,000 records',
  usual: { runs: 300_000, records: 200_000, searches: 40 },
  quick: { runs: 3_000, records: 2_000, searches: 10 },
  measure: measureScale,
})
addFigures(program, {
  name: 'ui',
  description: 'the dashboard: from an event to the screen, a run of 10,000 steps, and lists of 100,000 runs',
  usual: { runs: 100_000, steps: 10_000, events: 60, asks: 40 },
  quick: { runs: 200, steps: 300, events: 8, asks: 5 },
  options: { runs: 'runs in the folder' },
  measure: (_, size, onFigure) => measureUi(size, onFigure),
})
addFigures(program, {
  name: 'workflow',
  description: 'steps of workflows beside a pipeline, a cold replay, and runs that sleep',
  usual: { steps: 1_000, seconds: 3, slices: 9, sleeping: 10_000 },
  quick: { steps: 100, seconds: 0.2, slices: 1, sleeping: 50 },
  measure: measureWorkflows,
})
await program.parseAsync()

async function run(request: Request): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-bench-'))
  try {
    const report = await measure(request, folder)
    process.stdout.write(`${request.json ? JSON.stringify(report, null, 2) : renderReport(report)}\n`)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    process.exitCode = 130
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(request: Request, folder: string): Promise<Report> {
  const { concern, rounds, warmUp, seconds } = request
  const { signal } = stop
  const at = new Date().toISOString()
  const { rows, skipped } = await leaveOut(request.peers ? request.rows : request.rows.map(withoutPeers))
  const machine = await probeMachine(folder)
  const peers = await openPeers(rows, signal)
  try {
    const onStart = (name: string, round: number) => tell(`round ${round} of ${rounds}: ${name}`)
    const measured = await measureRows({
      rows,
      rounds,
      warmUp,
      seconds,
      folder,
      signal,
      peers: peers.bySubject,
      onStart,
      onRow: (row, round) => tellRow(renderRow(row, round, rounds)),
    })
    tell('')
    const summaries = rows.map((row) => summariseRow(row, (name) => measured.get(name)!))
    if (summaries.some(({ absent }) => absent !== undefined)) process.exitCode = 1
    if (!request.quick && floorsOf(summaries).some(({ holds }) => !holds)) process.exitCode = 1
    return {
      concern,
      at,
      rounds,
      warmUp,
      seconds,
      machine,
      peers: presences(peers.bySubject.values()),
      ...(skipped.length > 0 && { skipped }),
      rows: summaries,
    }
  } finally {
    await peers.close()
  }
}

function withoutPeers(row: Row): Row {
  return { ...row, against: row.against.filter(({ measurement }) => !isPeer(measurement)) }
}

/** The rows without those that this machine cannot count. */
async function leaveOut(rows: readonly Row[]): Promise<{ rows: readonly Row[]; skipped: readonly Skipped[] }> {
  const reason = rows.some(({ counts }) => counts) ? await whyNoTrace() : undefined
  if (reason === undefined) return { rows, skipped: [] }
  return {
    rows: rows.filter(({ counts }) => !counts),
    skipped: rows.filter(({ counts }) => counts).map(({ name }) => ({ name, reason })),
  }
}

function withoutTrace(presence: Presence): Presence {
  if (presence.absent !== undefined) return presence
  const { trace: _, ...rest } = presence
  return rest
}

/** One server may be several peers, and a peer may have a server more, on which it is counted. */
function presences(peers: Iterable<Presence>): readonly Presence[] {
  const each = new Map<string, Presence>()
  for (const presence of peers) {
    const key = `${presence.title} ${presence.absent ?? presence.version}`
    if (!each.has(key)) each.set(key, withoutTrace(presence))
  }
  return [...each.values()]
}
