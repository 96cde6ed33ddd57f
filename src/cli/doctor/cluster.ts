import type { Release } from '../../engine/restate/admin/releases.ts'
import type { ServiceSettings } from '../../engine/restate/admin/service-settings.ts'
import type { StoredState, Survey } from '../../engine/restate/admin/survey.ts'
import { INACTIVITY_TIMEOUT_MS, MAX_EFFECT_MS } from '../../engine/restate/limits.ts'
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

/** ms by which clocks may differ before times that people compare are wrong. */
const MAX_CLOCK_DRIFT_MS = 5_000

function clockCheck(ahead: number): Check {
  const said =
    ahead === 0
      ? 'as the server has it'
      : `${formatDuration(Math.abs(ahead))} ${ahead > 0 ? 'behind' : 'ahead of'} the server's`
  const ok = Math.abs(ahead) <= MAX_CLOCK_DRIFT_MS
  return {
    name: 'clock',
    ok,
    text: ok ? said : `${said}: times that are shown do not agree; set both by a time server`,
  }
}

const NONE: Check = { name: 'release', ok: true, text: 'none is registered yet: the first node does that' }

function releaseCheck(survey: Survey, release: Release): Check {
  const { name, uri, registeredAt, isNewest, pinned, reach } = release
  const what = `${name} at ${uri}, since ${localTime(registeredAt)}`
  const how = reach.answers ? 'it answers' : `no node of it can be reached from here (${reach.why})`
  const text = `${what}: ${isNewest ? 'the newest' : 'older'}; ${how}; ${pinned} under way on it`
  const problem = isNewest ? problemOfNewest(survey, release) : problemOfOlder(release)
  const advice = problem ?? (isNewest ? undefined : adviceOnOlder(survey, release))
  return { name: 'release', ok: problem === undefined, text: advice === undefined ? text : `${text}. ${advice}` }
}

function problemOfNewest({ releases }: Survey, { lacks, reach }: Release): string | undefined {
  if (lacks.length === 0)
    return reach.answers
      ? undefined
      : 'Start one: nothing that is new goes on without. To go back to older code, run that as a release of another name'
  const others = releases.filter(({ serves }) => serves.some((service) => lacks.includes(service)))
  const goes =
    others.length > 0
      ? `what comes for them goes to ${others.map(({ name }) => name).join(', ')}`
      : 'nobody takes what comes for them'
  return `It lacks ${lacks.join(', ')}, which an earlier release has: ${goes}. Run code that has them all as a release of its own, or take the other one off the server if nobody needs them`
}

function problemOfOlder({ name, pinned, serves, reach }: Release): string | undefined {
  if (reach.answers || (pinned === 0 && serves.length === 0)) return undefined
  return pinned === 0 ? 'Start it again' : `Start it again, or: antiphon doctor move ${name}`
}

function adviceOnOlder({ admin }: Survey, { id, name, pinned, serves }: Release): string {
  if (serves.length > 0) return `New work for ${serves.join(', ')} goes to it: keep its nodes`
  if (pinned > 0) return `That ends there: keep its nodes till then, or: antiphon doctor move ${name}`
  return `It may be retired: stop its nodes, then: curl -X DELETE "${admin}/deployments/${id}?force=true"`
}

const DAY = 86_400_000

function settingsCheck(settings: readonly ServiceSettings[]): Check {
  const wrong = settings.flatMap((each) => problemsOf(each).map((problem) => `${each.service} ${problem}`))
  const least = (read: (each: ServiceSettings) => number) => formatDuration(Math.min(...settings.map(read)))
  const kept = Math.max(...settings.map(({ journalKept }) => journalKept))
  const text = [
    `${formatCount(settings.length, 'service')}: ids and replies are remembered for ${least(({ remembered }) => remembered)}`,
    `journals of what is over ${kept === 0 ? 'are not kept' : `are kept for ${formatDuration(kept)}`}`,
    `a turn stands aside after ${least(({ inactivity }) => inactivity)}, an effect is broken off after ${least(limitOf)}`,
    'attempts have no end',
  ].join('; ')
  return { name: 'services', ok: wrong.length === 0, text: wrong.length === 0 ? text : `${wrong.join('; ')}. ${SET}` }
}

const SET =
  'Somebody set that at the server, or code registered that asks for nothing: set it back, or register the code as a new release'

const limitOf = ({ inactivity, abort }: ServiceSettings) => inactivity + abort

function problemsOf(each: ServiceSettings): readonly string[] {
  return [
    ...(each.remembered < DAY ? [`remembers ids for ${formatDuration(each.remembered)}, and 24 h are promised`] : []),
    ...(limitOf(each) < MAX_EFFECT_MS
      ? [
          `breaks an effect off after ${formatDuration(limitOf(each))}, and a step may ask for ${formatDuration(MAX_EFFECT_MS)}`,
        ]
      : []),
    ...(each.inactivity < INACTIVITY_TIMEOUT_MS
      ? [`has a turn stand aside after ${formatDuration(each.inactivity)}`]
      : []),
    ...(each.attempts === undefined
      ? []
      : [`gives a turn up after ${each.attempts} attempts, and its actor stands still then`]),
  ]
}

/** Rows up to which a look through all of them is not worth a word. */
const MAX_ROWS_WITHOUT_HINT = 100_000

function storedCheck({ rows, lost }: StoredState): Check {
  if (lost.length > 0)
    return {
      name: 'state',
      ok: false,
      text: `${lost.join(', ')}: there is state or mail for that, and no release that has it. A release was registered with force, or taken off: run code that has it, as a release of its own`,
    }
  const slow =
    rows > MAX_ROWS_WITHOUT_HINT ? ': `actors list`, `tree` and `doctor` have the server look through all of them' : ''
  return {
    name: 'state',
    ok: true,
    text: `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'} on the server${slow}`,
  }
}
