import type { Schedule } from '../../../../schedule/room/port.ts'
import type { Decision } from '../../../../schedule/state.ts'
import { formatCount } from '../../../terminal/format.ts'

const MAX_DECISIONS = 20

export function scheduleLines(schedule: Schedule): readonly string[] {
  const { name, status, next, waiting, decisions, overlap, missed } = schedule
  return [
    `${name}: ${workOf(schedule)}, ${timingOf(schedule)}, ${status}`,
    `overlap: ${overlap}, missed: ${missed}${schedule.ofFile ? ', from antiphon.yaml' : ''}`,
    ...next.map((instant, place) => `${place === 0 ? 'next: ' : '      '}${shownInstant(instant, schedule)}`),
    ...(waiting.length > 0 ? [`${formatCount(waiting.length, 'instant')} waiting for open work`] : []),
    ...decisions
      .slice(0, MAX_DECISIONS)
      .map((decision, place) => `${place === 0 ? 'last: ' : '      '}${shownDecision(decision, schedule)}`),
    ...(decisions.length > MAX_DECISIONS ? [`      ${decisions.length - MAX_DECISIONS} earlier ones: --json`] : []),
  ]
}

export const workOf = ({ file, pipeline, workflow, agent }: Schedule): string =>
  agent === undefined ? `run ${file ?? pipeline ?? workflow}` : `agent ${agent}`

export const timingOf = ({ cron, every, zone = 'UTC' }: Schedule): string =>
  cron === undefined ? `every ${every} s` : `${cron} (${zone})`

export function shownInstant(instant: number, { zone = 'UTC' }: Pick<Schedule, 'zone'>): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  }).formatToParts(instant)
  const part = (type: string) => parts.find((one) => one.type === type)!.value
  const time = `${part('hour')}:${part('minute')}:${part('second')}`
  return `${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${time} ${part('timeZoneName')}`
}

function shownDecision(decision: Decision, of: Schedule): string {
  switch (decision.type) {
    case 'started':
      return `${shownInstant(decision.instant, of)}: started ${decision.id}`
    case 'skipped':
      return `${shownInstant(decision.instant, of)}: skipped, ${decision.why}`
    case 'failed':
      return `${shownInstant(decision.instant, of)}: failed: ${decision.problem.message}`
    case 'missed': {
      if (decision.from === decision.to) return `${shownInstant(decision.from, of)}: missed`
      const many = decision.count === undefined ? 'instants' : formatCount(decision.count, 'instant')
      return `${many} missed from ${shownInstant(decision.from, of)} to ${shownInstant(decision.to, of)}`
    }
  }
}
