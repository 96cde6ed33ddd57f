import type { Release } from '../../engine/restate/admin/releases.ts'
import type { ServiceSettings } from '../../engine/restate/admin/service-settings.ts'
import type { StoredState, Survey } from '../../engine/restate/admin/survey.ts'
import { INACTIVITY_TIMEOUT_MS, MAX_EFFECT_MS, REPLY_INACTIVITY_TIMEOUT_MS } from '../../engine/restate/limits.ts'
import { formatCount, formatDuration, localTime } from '../terminal/format.ts'
import type { Check } from './check.ts'
import { stuckChecks } from './stuck-turns.ts'

/** Checks of an application on a Restate server. */
export function clusterChecks(survey: Survey): readonly Check[] {
  const { releases, settings, stored, ahead } = survey
  return [
    clockCheck(ahead),
    ...(releases.length > 0 ? releases.map((release) => releaseCheck(survey, release)) : [NONE]),
    ...stuckChecks(survey),
    ...(settings.length > 0 ? [settingsCheck(settings)] : []),
    storedCheck(stored),
  ]
}

/** ms by which clocks may differ before shown times are misleading. */
const MAX_CLOCK_DRIFT_MS = 5_000

function clockCheck(ahead: number): Check {
  const said =
    ahead === 0
      ? 'the same as the server'
      : `${formatDuration(Math.abs(ahead))} ${ahead > 0 ? 'behind' : 'ahead of'} the server's`
  const ok = Math.abs(ahead) <= MAX_CLOCK_DRIFT_MS
  return {
    name: 'clock',
    ok,
    text: ok ? said : `${said}: shown times are wrong; set both clocks by a time server`,
  }
}

const NONE: Check = { name: 'release', ok: true, text: 'none is registered yet; the first node registers one' }

function releaseCheck(survey: Survey, release: Release): Check {
  const { name, uri, registeredAt, isNewest, pinned, reach } = release
  const what = `${name} at ${uri}, since ${localTime(registeredAt)}`
  const how = reach.answers ? 'it answers' : `no node of it can be reached from here (${reach.why})`
  const text = `${what}: ${isNewest ? 'the newest' : 'older'}; ${how}; ${formatCount(pinned, 'open turn')}`
  const problem = isNewest ? problemOfNewest(survey, release) : problemOfOlder(release)
  const advice = problem ?? (isNewest ? undefined : adviceOnOlder(survey, release))
  return { name: 'release', ok: problem === undefined, text: advice === undefined ? text : `${text}. ${advice}` }
}

function problemOfNewest({ releases }: Survey, { lacks, reach }: Release): string | undefined {
  if (lacks.length === 0)
    return reach.answers
      ? undefined
      : 'Start one: new work needs it. To go back to older code, run that code as a release with another name'
  const others = releases.filter(({ serves }) => serves.some((service) => lacks.includes(service)))
  const goes =
    others.length > 0
      ? `${others.map(({ name }) => name).join(', ')} gets their messages`
      : 'no release gets their messages'
  return `It lacks ${lacks.join(', ')}, which an earlier release has: ${goes}. Run code that has all of them as a new release. If they are not needed, remove the other release from the server`
}

function problemOfOlder({ name, pinned, serves, reach }: Release): string | undefined {
  if (reach.answers || (pinned === 0 && serves.length === 0)) return undefined
  return pinned === 0 ? 'Start it again' : `Start it again, or: antiphon doctor move ${name}`
}

function adviceOnOlder({ admin }: Survey, { id, name, pinned, serves }: Release): string {
  if (serves.length > 0) return `New work for ${serves.join(', ')} goes to it: keep its nodes`
  if (pinned > 0) return `Keep its nodes until those turns end, or: antiphon doctor move ${name}`
  return `It can be removed: stop its nodes, then: curl -X DELETE "${admin}/deployments/${id}?force=true"`
}

const DAY = 86_400_000

function settingsCheck(settings: readonly ServiceSettings[]): Check {
  const wrong = settings.flatMap((each) => problemsOf(each).map((problem) => `${each.service} ${problem}`))
  const turns = settings.filter((each) => !holdsReplies(each))
  const least = (read: (each: ServiceSettings) => number, of = settings) => formatDuration(Math.min(...of.map(read)))
  const longest = Math.max(...settings.map(({ journalKept }) => journalKept))
  const text = [
    `${formatCount(settings.length, 'service')}: ids and replies are remembered for ${least(({ remembered }) => remembered)}`,
    `journals of ended turns ${longest === 0 ? 'are not kept' : `are kept for ${formatDuration(longest)}`}`,
    `a turn is suspended after ${least(({ inactivity }) => inactivity, turns)}, an effect is aborted after ${least(limitOf, turns)}`,
    'the number of attempts is not limited',
  ].join('; ')
  return { name: 'services', ok: wrong.length === 0, text: wrong.length === 0 ? text : `${wrong.join('; ')}. ${SET}` }
}

const SET =
  'The settings were changed at the server, or the code was registered without settings: change them back, or register the code as a new release'

const limitOf = ({ inactivity, abort }: ServiceSettings) => inactivity + abort

/** The service that waits for the replies to asks does no work of its own. */
const holdsReplies = ({ service }: ServiceSettings) => service.endsWith('_reply')

const leastInactivity = (each: ServiceSettings) =>
  holdsReplies(each) ? REPLY_INACTIVITY_TIMEOUT_MS : INACTIVITY_TIMEOUT_MS

function problemsOf(each: ServiceSettings): readonly string[] {
  return [
    ...(each.remembered < DAY ? [`remembers ids for ${formatDuration(each.remembered)}; 24 h are promised`] : []),
    ...(limitOf(each) < MAX_EFFECT_MS
      ? [`aborts an effect after ${formatDuration(limitOf(each))}; a step may take ${formatDuration(MAX_EFFECT_MS)}`]
      : []),
    ...(each.inactivity < leastInactivity(each) ? [`suspends a turn after ${formatDuration(each.inactivity)}`] : []),
    ...(each.attempts === undefined
      ? []
      : [`gives up a turn after ${each.attempts} attempts; its actor then stands still`]),
  ]
}

/** Up to this many rows, reading all of them is fast enough to need no hint. */
const MAX_ROWS_WITHOUT_HINT = 100_000

function storedCheck({ rows, lost }: StoredState): Check {
  if (lost.length > 0)
    return {
      name: 'state',
      ok: false,
      text: `${lost.join(', ')}: the server holds state or mail for it, and no release has it. A release was registered with force, or was removed: run code that has it as a new release`,
    }
  const slow =
    rows > MAX_ROWS_WITHOUT_HINT ? ': for `actors list`, `tree` and `doctor` the server reads all of them' : ''
  return {
    name: 'state',
    ok: true,
    text: `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'} on the server${slow}`,
  }
}
