import type { Release } from '../../engine/restate/admin/releases.ts'
import type { StuckTurn } from '../../engine/restate/admin/stuck-turns.ts'
import type { Survey } from '../../engine/restate/admin/survey.ts'
import { formatCount, localTime, oneLine } from '../terminal/format.ts'
import type { Check } from './check.ts'

/** Turns that get a line each; the others are only counted. */
const MAX_SHOWN = 20

export function stuckChecks(survey: Survey): readonly Check[] {
  const { stuck } = survey
  if (stuck.length === 0) return [{ name: 'turns', ok: true, text: 'no turn is stuck' }]
  const shown = stuck.slice(0, MAX_SHOWN).map((turn) => check(describeStuck(survey, turn)))
  return stuck.length > MAX_SHOWN ? [...shown, check(`… and more that are stuck; --json shows up to 100`)] : shown
}

const check = (text: string): Check => ({ name: 'turn', ok: false, text })

function describeStuck(survey: Survey, turn: StuckTurn): string {
  const { target, status, since, attempts } = turn
  const how = status === 'paused' ? 'paused' : `tried ${formatCount(attempts, 'time')}`
  return `${target}, ${how}, since ${localTime(since)}: ${describeFailure(turn)}. ${remedyOf(survey, turn)}`
}

/** Why the last attempt failed, in plain words. */
export function describeFailure({ failure }: Pick<StuckTurn, 'failure'>): string {
  if (!failure) return 'it was paused at the server'
  const known = failure.code === undefined ? undefined : PLAIN[failure.code]
  return known?.(failure.message) ?? `${oneLine(failure.message, 200)}${failure.code ? ` (${failure.code})` : ''}`
}

const PLAIN: { readonly [code: string]: (message: string) => string } = {
  RT0001: () => 'the server aborted it after a long silence',
  RT0003: () => 'a value in it is larger than the server accepts',
  RT0010: (message) =>
    message.includes('when calling')
      ? 'no node could be reached at the address of its release'
      : 'its node ended while it ran',
  RT0011: () => 'no release has this kind of actor',
  RT0016: (message) =>
    `the code differs from the code that it started with${/executing '\w+' \(index '\d+'\)/.test(message) ? `: ${oneLine(differenceIn(message), 160)}` : ''}`,
  RT0023: () => 'the node at the address of its release runs another release',
}

function differenceIn(message: string): string {
  return message
    .slice(message.indexOf('- The mismatch') + 2)
    .replace('The mismatch happened while executing', 'it differs at')
}

const LIMIT = 'If no person paused it, the server did: remove max-retry-policy-max-attempts from its configuration'

const AWAY: ReadonlySet<string> = new Set(['RT0010', 'RT0023'])

function remedyOf({ admin, releases }: Survey, { target, invocation, status, release, failure }: StuckTurn): string {
  const on = releases.find(({ id }) => id === release)
  const resume = `curl -X PATCH ${admin}/invocations/${invocation}/resume`
  if (failure?.code === 'RT0016') return remedyOfMismatch(target, on)
  if (failure && AWAY.has(failure.code ?? ''))
    return status === 'paused' ? `${remedyOfAway(target, on)}; then: ${resume}. ${LIMIT}` : remedyOfAway(target, on)
  return status === 'paused' ? `To resume it: ${resume}. ${LIMIT}` : 'The server retries it'
}

function remedyOfMismatch(target: string, on: Release | undefined): string {
  return `Run the code that it started with${on ? ` as release ${on.name}` : ''}; if that code is gone for good: antiphon doctor give-up ${target}`
}

function remedyOfAway(target: string, on: Release | undefined): string {
  if (!on) return 'Start its release again'
  if (on.reach.answers)
    return `Release ${on.name} answers now. If the turn kills its node each time: antiphon doctor give-up ${target}`
  return on.isNewest
    ? `Start a node of release ${on.name}`
    : `Start release ${on.name} again, or: antiphon doctor move ${on.name}`
}
