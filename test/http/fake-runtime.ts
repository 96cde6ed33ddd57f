import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AccessPort } from '../../src/access/room/port.ts'
import type { AgentsPort } from '../../src/agent/room/agents/port.ts'
import type { ConversationsPort } from '../../src/agent/room/conversation/port.ts'
import type { GoalsPort } from '../../src/agent/room/goals/port.ts'
import { createBus, follow, streamTopic } from '../../src/engine/bus.ts'
import type { Engine, NumberedEvent } from '../../src/engine/engine.ts'
import { BusyError, InvalidError, NotFoundError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { NOOP_OBSERVER } from '../../src/observe/observer.ts'
import { closeRooms } from '../../src/rooms/rooms.ts'
import type { RunDocument, StepDocument } from '../../src/run/document.ts'
import type { RunSummary } from '../../src/run/room/documents.ts'
import type { RunsPort, WhichPipeline } from '../../src/run/room/port.ts'
import type { Inspector } from '../../src/runtime/ports/inspector.ts'

import type { ServedRuntime } from '../../src/runtime/ports.ts'
import type { Answer } from '../../src/thread/room/port.ts'
import { fakeRooms } from './fake-rooms.ts'

/**
 * A runtime that keeps its runs in one JSON file of the data folder. A pipeline is a text file with one step a line:
 * `NAME`, `NAME fail`, or `NAME wait FILE` (until that file is there). A first line `broken` is a mistake on line 2.
 */
export function fakeRuntime(data: string): ServedRuntime & { deltaBus: ReturnType<typeof createBus<Json>> } {
  const path = join(data, 'fake.json')
  const runs = new Map<string, Run>(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [])
  const happened = createBus<unknown>()
  const deltaBus = createBus<Json>()
  const active = new Map<string, Promise<void>>()
  const stopping = new AbortController()
  const stopped = new AbortController()
  const requests = new Map<string, string>()
  const rooms = fakeRooms(data)
  const asks = new Map<string, { events: NumberedEvent[]; answer: Promise<Answer> }>()

  const save = () => writeFileSync(path, JSON.stringify([...runs]))
  const tell = (id: string, events: NumberedEvent[], body: Json) => {
    events.push({ n: events.length + 1, correlationId: id, body })
    save()
    happened.publish(id, undefined)
  }
  const work = (run: Run) => {
    const done = carryOn(run).finally(() => active.delete(run.id))
    active.set(run.id, done)
  }

  async function carryOn(run: Run): Promise<void> {
    if (run.events.length === 0)
      tell(run.id, run.events, { type: 'run-start', name: run.name, steps: run.script.length })
    run.status = 'running'
    for (const line of run.script.slice(run.steps.length)) {
      if (stopping.signal.aborted) return
      const [step = '', what, file = ''] = line.split(' ')
      tell(run.id, run.events, { type: 'step-start', step })
      while (what === 'wait' && !existsSync(file)) {
        if (stopped.signal.aborted) return
        await sleep(5)
      }
      const problem =
        what === 'fail' ? { code: 'unknown', name: 'UnknownError', message: 'it was asked to' } : undefined
      const status = problem ? 'failed' : 'completed'
      run.steps.push(stepOf(step, problem?.message))
      const end = { type: 'step-end', step, status, attempts: 1, ms: 1, ...(problem && { problem }) }
      tell(run.id, run.events, end)
    }
    const failed = run.steps.filter(({ status }) => status === 'failed').length
    run.status = failed > 0 ? 'failed' : 'completed'
    run.finishedAt = run.startedAt + 1500
    const end = { type: 'run-end', status: run.status, done: run.steps.length - failed, failed, skipped: 0 }
    tell(run.id, run.events, end)
  }

  const runOf = (id: string): Run => {
    const run = runs.get(id)
    if (!run) throw new NotFoundError(`There is no run ${id}.`)
    return run
  }

  async function* until(type: string, events: AsyncIterable<NumberedEvent>): AsyncGenerator<NumberedEvent> {
    for await (const event of events) {
      yield event
      if ((event.body as { type: string }).type === type) return
    }
  }

  // a fresh one of a client is another each time: what is printed of it could not be compared
  const idFor = (given?: string) => (given === undefined || FRESH.test(given) ? `run_${runs.size + 1}` : given)

  return {
    data,
    deltaBus,
    engine: { view: { list: async () => [], peek: async () => undefined } } as unknown as Engine,
    inspector: {
      deltas: (id, signal) => streamTopic(deltaBus, id, signal),
      pools: () => ({ items: [], resources: [] }),
      metrics: () => '',
    } satisfies Partial<Inspector> as unknown as Inspector,
    recordCitation: async () => ({ op: 'citation:ask_1:prior_1', n: 1, hash: '' }),
    maintenance: {
      cache: { report: async () => NO_CACHE, drop: async () => ({ removed: [] }) },
      gc: async ({ dryRun = false } = {}) => ({ dryRun, items: [] }),
      backup: async (file) => ({ file, bytes: 0, format: 1, at: 0, blobs: 0, tables: {}, damaged: [] }),
    },
    catalogue: {
      tools: () => [],
      health: async () => [],
      models: () => [],
      judgeModels: () => [],
      phases: async () => [],
      selectPhases: () => [],
    },
    tools: { call: async () => ({ id: idFor() }) },
    agents: undefined as unknown as AgentsPort,
    goals: { get: missing } as unknown as GoalsPort,
    conversations: undefined as unknown as ConversationsPort,
    ...rooms,
    access: {
      audit: { record: async () => {}, list: async () => [] },
    } satisfies Partial<AccessPort> as unknown as AccessPort,
    pipelines: {
      async validate(which) {
        const file = fileOf(which)
        const lines = linesOf(file)
        if (lines[0] !== 'broken') return { file, valid: true, pipeline: lines.join(), steps: {}, findings: [] }
        const finding = {
          code: 'unknown_key' as const,
          severity: 'error' as const,
          message: 'The key "stpes" is not known here.',
        }
        return {
          file,
          valid: false,
          findings: [{ ...finding, file, line: 2, column: 3, hint: 'Did you mean "steps"?' }],
        }
      },
      plan: async (which) => ({ pipeline: linesOf(fileOf(which)).join(), levels: [], mermaid: 'flowchart TD' }),
      changes: async (run) => ({
        steps: runOf(run)
          .steps.slice(0, 0)
          .map(({ id }) => id),
      }),
      ...{ put: missing, get: missing, remove: missing },
      list: async () => [],
    },
    runs: {
      async start({ file = '', inputs = {}, id: given }) {
        const id = idFor(given)
        if (stopping.signal.aborted) throw new BusyError('The runtime is stopping.')
        if (inputs.wrong !== undefined)
          throw new InvalidError('There is no input "wrong".', {
            hint: 'Did you mean "right"?',
            place: { file, line: 1 },
          })
        if (linesOf(file)[0] === 'broken') throw new InvalidError('The pipeline is broken.')
        const run = { id, name: file.split('/').at(-1)!, startedAt: 1_000, script: linesOf(file), inputs }
        runs.set(id, { ...run, status: 'queued', events: [], steps: [] })
        work(runOf(id))
        return { id }
      },
      async fork(run, { id: given } = {}) {
        const id = idFor(given)
        const { name, script, inputs } = runOf(run)
        runs.set(id, { id, name, startedAt: 1_000, script, inputs, status: 'queued', events: [], steps: [] })
        work(runOf(id))
        return { id }
      },
      list: async ({ limit = 100 } = {}) => [...runs.values()].reverse().slice(0, limit).map(summaryOf),
      get: async (id) => documentOf(runOf(id)),
      events: (id, from) =>
        until(
          'run-end',
          follow(happened, id, async (after) => runOf(id).events.filter(({ n }) => n > after), from),
        ) as ReturnType<RunsPort['events']>,
      async resume(id) {
        const run = runOf(id)
        if (!run.finishedAt && !active.has(id)) work(run)
      },
      async cancel(id) {
        runOf(id)
      },
      async signal(id, name) {
        const { status } = runOf(id)
        if (status !== 'running')
          throw new InvalidError(`The run ${id} is over: it is ${status}.`, { code: 'run_over' })
        return { status: name === 'later' ? 'kept' : 'taken' }
      },
    } satisfies Partial<RunsPort> as unknown as RunsPort,
    threads: {
      async name() {},
      async remove() {},
      ask({ prompt, thread, id = 'ask_1', files = [] }) {
        if (prompt === 'nothing') return Promise.reject(new InvalidError('This is no question.'))
        const events: NumberedEvent[] = []
        const answer = (async (): Promise<Answer> => {
          await sleep(1)
          tell(id, events, { type: 'ask-start', prompt })
          tell(id, events, { type: 'phase-start', phase: 'action', cycle: 1 })
          deltaBus.publish(id, { type: 'text-delta', phase: 'action', text: 'so' })
          const end = { status: 'completed', text: 'so', model: 'fake', ms: 3 }
          tell(id, events, { type: 'phase-end', phase: 'action', cycle: 1, ...end })
          tell(id, events, { type: 'ask-end', status: 'completed' })
          const citations = files.map((file) => ({
            vid: 'v1',
            source: 's1',
            file,
            line: 3,
            endLine: 4,
            text: 'so it is',
          }))
          return {
            id,
            thread,
            status: 'completed',
            answer: `So: ${prompt}${files.length > 0 ? ' <vid>v1</vid>' : ''}`,
            citations,
            basis: citations.length > 0 ? 'texts' : 'no source',
            degraded: [],
            model: 'fake',
          }
        })()
        asks.set(id, { events, answer })
        return answer
      },
      async startAsk({ id = 'ask_1', ...request }) {
        this.ask({ ...request, id }).catch(() => {})
        return { id }
      },
      ...{
        open: missing,
        get: missing,
        messages: missing,
        getAsk: missing,
        trace: missing,
        resumeAsk: missing,
        cancelAsk: missing,
      },
      list: async () => [],
      askEvents: (_thread, id, from) =>
        until(
          'ask-end',
          follow(happened, id, async (after) => (asks.get(id)?.events ?? []).filter(({ n }) => n > after), from),
        ),
    },
    inbox: { list: async () => [], decide: missing, consent: missing },
    serving: {
      async claimRequest(id, asked) {
        const known = requests.get(id)
        if (known !== undefined && known !== asked) throw new InvalidError('Another request.', { code: 'key_reused' })
        requests.set(id, asked)
        return known === undefined ? 'new' : 'again'
      },
      claimedRequest: async (id) => requests.get(id),
      async releaseRequest(id) {
        requests.delete(id)
      },
      ownerOfRun: async (id) => (runs.has(id) ? 'local' : undefined),
      ownerOfGoal: async () => undefined,
      isPaid: () => false,
      goalEnded: async () => false,
      ownerOfThread: async () => 'local',
      threadOfAsk: async (_ask, where) => where?.thread,
      async runEnded(id, after) {
        const { finishedAt, events } = runOf(id)
        return finishedAt !== undefined && events.at(-1)!.n <= after
      },
      askEnded: async () => false,
      handOver: async () => {},
      fetchFile: missing,
      commits: () => 0,
      inboxMark: async () => '',
      shown: (value) => value,
    },
    status: () => ({
      pid: process.pid,
      startedAt: 0,
      data,
      model: { id: 'fake', offline: true, why: 'it is a test' },
      engine: { turns: 0, commits: 0, flushes: 0, bytes: 0, residents: 0, waiting: 0, cutOff: 0, dropped: 0, late: 0 },
      pools: [],
      active: Array.from(active.keys(), (id) => ({ kind: 'run' as const, id })),
    }),
    observer: NOOP_OBSERVER,
    broken: () => new Promise<never>(() => {}),
    ready: async () => {},
    async idle() {
      while (active.size > 0) await Promise.all(active.values())
    },
    async stop({ grace = 0 } = {}) {
      stopping.abort()
      await Promise.race([Promise.all(active.values()), sleep(grace, undefined, { ref: false })])
      stopped.abort()
      await closeRooms(rooms, 'close')
      await closeRooms(rooms, 'closeLast')
    },
  }
}

type Run = {
  readonly id: string
  readonly name: string
  readonly startedAt: number
  readonly script: readonly string[]
  readonly inputs: { readonly [name: string]: Json }
  readonly events: NumberedEvent[]
  readonly steps: StepDocument[]
  status: string
  finishedAt?: number
}

const fileOf = (which: string | WhichPipeline) => (typeof which === 'string' ? which : (which.file ?? ''))

function linesOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '')
}

function summaryOf({ id, name, status, startedAt, finishedAt }: Run): RunSummary {
  return { id, owner: 'local', name, status, startedAt, ...(finishedAt !== undefined && { finishedAt }) }
}

function stepOf(id: string, error: string | null = null): StepDocument {
  const success = error === null
  return {
    ...{ id, action: 'say', status: success ? 'completed' : 'failed', success },
    value: { result: null, success, error },
    ...{ error, error_type: success ? null : 'UnknownError', tool: 'say', model: null, provider: null },
    ...{ started_at: null, completed_at: null, duration: 0.001, retries: 0, timed_out: false },
    ...{ dependencies: [], skip_reason: null },
  }
}

function documentOf({ id, name, script, inputs, steps, startedAt, finishedAt, ...run }: Run): RunDocument {
  const failed = steps.filter(({ status }) => status === 'failed').length
  const ids = script.map((line) => line.split(' ')[0]!)
  const isOver = finishedAt !== undefined
  return {
    ...{ pipeline_id: name, id, execution_id: id, name, pipeline_hash: name },
    status: run.status === 'queued' ? 'running' : (run.status as RunDocument['status']),
    success: isOver ? failed === 0 : null,
    steps: Object.fromEntries(steps.map((step) => [step.id, step])),
    outputs: run.status === 'completed' ? { greeting: 'hello', inputs } : {},
    ...{ execution_order: ids, execution_levels: ids.map((step) => [step]) },
    started_at: new Date(startedAt).toISOString(),
    completed_at: isOver ? new Date(finishedAt).toISOString() : null,
    duration: isOver ? (finishedAt - startedAt) / 1000 : null,
    ...{ error: null, error_type: null, artifacts: [] },
    counts: { done: steps.length - failed, failed, skipped: 0 },
  }
}

const FRESH = /^run_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const NO_CACHE = { places: [], shared: 0, made: 0, failed: 0 }

/** Nothing can be uploaded here. */
const missing = () => Promise.reject(new NotFoundError('There is no pipeline'))
