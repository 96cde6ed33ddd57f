import { formatSize } from '../../lib/text/format-size.ts'
import type { NoticeDocument } from '../../notify/room/port.ts'
import type { ProcessHealth } from '../../observe/metrics/health.ts'
import type { WorkCounts } from '../../runtime/ports/inspector.ts'
import type { PoolsDocument, RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import type { ToolHealth } from '../../tool/plugin/health.ts'
import { formatCount, formatDuration } from '../terminal/format.ts'

/** The facts about the components of a process. A list of `most` entries may have more. */
export type ComponentReadings = {
  readonly status: RuntimeStatus
  readonly pools: PoolsDocument
  readonly health: ProcessHealth
  /** open work by what it waits for */
  readonly work: WorkCounts
  readonly inbox: number
  readonly deadLetters: number
  /** the messages that their receivers have not taken */
  readonly notices: readonly Pick<NoticeDocument, 'status'>[]
  /** the tools that say how the system behind them is */
  readonly systems: readonly ToolHealth[]
  readonly most: number
}

/** One component: its health, and what it does now. `problems` says why it is degraded. */
export type Component = {
  readonly name: 'memory' | 'processing' | 'actions' | 'environment' | 'systems'
  readonly health: 'ok' | 'degraded'
  readonly text: string
  readonly problems: readonly string[]
}

/** The components of a process: what it stores, what works, what is under way, and the machine below. */
export function componentsOf(readings: ComponentReadings): readonly Component[] {
  const { systems: all } = readings
  const others = all.length === 0 ? [] : [systems(all)]
  return [memory(readings), processing(readings), actions(readings), environment(readings), ...others]
}

function memory({ status: { engine, cache, retention, loss, data, memory, replica } }: ComponentReadings): Component {
  const facts = [
    ...(engine ? [`${formatCount(engine.residents, 'actor')} in memory, ${formatSize(engine.bytes)} written`] : []),
    ...(cache ? [`${cache.memory + cache.redis + cache.disk + cache.shared} replies from the cache`] : []),
    ...(memory ? [`${formatCount(sumOf(memory.calls), 'call')} of memories`] : []),
    data,
    ...(replica ? [`its copy in ${replica.target} is ${formatDuration(replica.behind)} behind`] : []),
  ]
  const damaged = memory?.work.tiers?.quarantined ?? 0
  const problems = [
    ...(damaged > 0 ? [`${formatCount(damaged, 'damaged record')} found, see antiphon doctor`] : []),
    ...(memory?.redis?.state === 'degraded' ? [`copies of memories on Redis are behind: ${memory.redis.error}`] : []),
    ...(loss ? [`acknowledged work is missing: ${loss.message}`] : []),
    ...(retention ? [`the last retention failed: ${retention.message}`] : []),
    ...(replica?.problem ? [`its copy gets nothing: ${replica.problem.message}`] : []),
  ]
  return componentOf('memory', facts.join('; '), problems)
}

const sumOf = (counts: { readonly [name: string]: number }) => Object.values(counts).reduce((sum, one) => sum + one, 0)

function processing({ pools: { items, resources } }: ComponentReadings): Component {
  const sum = (count: (pool: PoolsDocument['items'][number]) => number) =>
    items.reduce((all, pool) => all + count(pool), 0)
  const busy = `${sum(({ running }) => running)} of ${sum(({ workers }) => workers)} workers busy`
  const pauses = resources.flatMap(({ id, held, next = 0 }) =>
    held + next > 0 ? [`resource ${id}: next call in ${formatDuration(Math.max(held, next))}`] : [],
  )
  const text =
    items.length === 0
      ? 'no pool is in use'
      : [`${formatCount(items.length, 'pool')}; ${busy}, ${sum(({ queued }) => queued)} queued`, ...pauses].join('; ')
  const problems = items.flatMap(({ id, each }) =>
    each
      .filter(({ breaker }) => breaker === 'open')
      .map((worker) => `${worker.id} in ${id} has failed too often and rests`),
  )
  return componentOf('processing', text, problems)
}

function actions({ work, inbox, deadLetters, notices, most }: ComponentReadings): Component {
  const count = (number: number, noun: string) =>
    number < most ? formatCount(number, noun) : `${most} or more ${noun}s`
  const failed = notices.filter((notice) => notice.status === 'failed').length
  const pending = notices.length - failed
  const untaken = pending === 0 ? '' : `; ${count(pending, 'message')} not delivered yet: antiphon notify list`
  const held = `${count(inbox, 'item')} in the inbox${untaken}`
  const text = `${workText(work)}; ${held}`
  const problems = [
    ...(deadLetters === 0 ? [] : [`${count(deadLetters, 'dead letter')}: antiphon deadletters`]),
    ...(failed === 0 ? [] : [`${count(failed, 'message')} given up after a day: antiphon notify list`]),
  ]
  return componentOf('actions', text, problems)
}

/** Open work by what it waits for, in a few words. */
function workText({ person, code, others, working, more }: WorkCounts): string {
  const counts = { working, 'for people': person, 'for others': others, 'for code': code }
  const parts = Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`]))
  return `open work: ${parts.length === 0 ? 'none' : parts.join(', ')}${more ? ', or more' : ''}`
}

function environment({ health: { checks }, status: { use } }: ComponentReadings): Component {
  const shown = checks.map(({ name, value }) => `${name} ${Math.round(value)} ${name === 'event-loop' ? 'ms' : '%'}`)
  const crossed = checks.filter(({ status }) => status === 'degraded')
  return componentOf(
    'environment',
    [
      ...shown,
      ...(use ? [`memory ${formatSize(use.memory)}`, `CPU ${Math.round(use.cpu)} s since its start`] : []),
    ].join(', '),
    crossed.map(({ name, value, limit }) => `${name} is ${Math.round(value)}, its limit is ${limit}`),
  )
}

function systems(all: readonly ToolHealth[]): Component {
  const failed = all.filter(({ health }) => health === 'failed')
  const well = all.filter(({ health }) => health === 'ok').map(saysOfSystem)
  return componentOf('systems', well.length === 0 ? 'none works' : well.join('; '), failed.map(saysOfSystem))
}

/** A control system in a few words. */
export const saysOfSystem = ({ tool, text }: ToolHealth): string => (text === undefined ? tool : `${tool}: ${text}`)

const componentOf = (name: Component['name'], text: string, problems: readonly string[]): Component => ({
  name,
  text,
  problems,
  health: problems.length === 0 ? 'ok' : 'degraded',
})

/** One line for each component, with its problems below it. */
export function componentLines(components: readonly Component[]): readonly string[] {
  return components.flatMap(({ name, health, text, problems }) => [
    `${health.padEnd(8)}  ${name.padEnd(11)}  ${text}`,
    ...problems.map((problem) => `${' '.repeat(23)}${problem}`),
  ])
}
