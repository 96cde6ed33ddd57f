import { PRIORITIES } from '../../lib/priority.ts'
import type { PoolDocument, PoolsDocument } from '../../runtime/ports/maintenance.ts'
import { cachedText, formatCost, formatCount, formatDuration } from '../terminal/format.ts'

/** Pools for a person: one line each, below it its active workers and the reason for its size. */
export function poolLines({ items, resources }: PoolsDocument, now: number): readonly string[] {
  if (items.length === 0) return ['There are no pools yet. A pool is created when it is first used.']
  return [...items.flatMap((pool) => linesOf(pool, now)), ...resources.map(resourceLine)]
}

function linesOf(pool: PoolDocument, now: number): readonly string[] {
  const { each, last } = pool
  const used = each.filter(({ running, done, failed, breaker }) => running + done + failed > 0 || breaker !== 'closed')
  const change = last && `${last.from} to ${last.to} ${formatDuration(Math.max(0, now - last.at))} ago: ${last.why}`
  const urgent = PRIORITIES.filter((one) => one !== 'normal').map((one) => [one, pool.begun?.[one] ?? 0] as const)
  const begun = urgent.filter(([, count]) => count > 0).map(([one, count]) => `${count} ${one}`)
  return [
    poolLine(pool),
    ...(begun.length > 0 ? [`  begun  ${begun.join(', ')}, ${pool.begun?.normal} normal`] : []),
    ...used.map(workerLine),
    ...(change === undefined ? [] : [`  size  ${change}`]),
  ]
}

function poolLine({
  id,
  workers,
  min,
  max,
  running,
  queued,
  oldest,
  wait,
  utilisation,
  done,
  failed,
}: PoolDocument): string {
  const bounds = min === max ? '' : ` (${min} to ${max})`
  const waiting = queued === 0 ? '0 queued' : `${queued} queued for up to ${formatDuration(oldest)}`
  const waits = `wait p50 ${formatDuration(wait.p50)}, p95 ${formatDuration(wait.p95)}`
  const parts = [`${running} of ${workers}${bounds} busy`, waiting, waits, `${Math.round(utilisation * 100)} % used`]
  return `${id}  ${[...parts, `${done} done`, `${failed} failed`].join(', ')}`
}

const UNWELL = { open: ', not used: it failed too often', 'half-open': ', tried again after many failures' }

function workerLine({
  id,
  kind,
  running,
  slots,
  done,
  failed,
  latency,
  breaker,
  ...rest
}: PoolDocument['each'][number]): string {
  const took = latency === undefined ? '' : `, ${formatDuration(latency)} each`
  const health = breaker === 'closed' ? '' : UNWELL[breaker]
  return `  ${kind}  ${id}: ${running} of ${slots} busy, ${done} done, ${failed} failed${took}${tookOf(rest)}${health}`
}

function tookOf({
  tokens: { input, output, ...cached } = NONE,
  cost: dollars = 0,
}: Partial<Pick<PoolDocument, 'tokens' | 'cost'>>): string {
  const tokens =
    input + output === 0 ? '' : `, ${formatCount(input, 'token')} in${cachedText(cached)} and ${output} out`
  return dollars === 0 ? tokens : `${tokens}, ${formatCost(dollars)}`
}

const NONE = { input: 0, output: 0 }

function resourceLine({ id, slots, perMinute, taken, held, next = 0 }: PoolsDocument['resources'][number]): string {
  const of = slots === undefined ? `${taken} taken` : `${taken} of ${slots} taken`
  const rate = perMinute === undefined ? '' : `, at most ${formatCount(perMinute, 'call')} a minute`
  const nextIn = next > 0 ? `, next in ${formatDuration(next)}` : ''
  return `${id}  ${of}${rate}${nextIn}${held > 0 ? `, held for ${formatDuration(held)} more` : ''}`
}
