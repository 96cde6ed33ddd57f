import { describe, expect, it } from 'vitest'
import { clusterChecks } from '../../../src/cli/doctor/cluster.ts'
import type { Release } from '../../../src/engine/restate/admin/releases.ts'
import { judgeVersion } from '../../../src/engine/restate/admin/server-info.ts'
import type { ServiceSettings } from '../../../src/engine/restate/admin/service-settings.ts'
import type { StuckTurn } from '../../../src/engine/restate/admin/stuck-turns.ts'
import type { Survey } from '../../../src/engine/restate/admin/survey.ts'

const HOUR = 3_600_000

const release: Release = {
  id: 'dp_1',
  name: 'r1',
  uri: 'http://127.0.0.1:1/r1',
  registeredAt: 0,
  isNewest: true,
  serves: ['app.step'],
  lacks: [],
  pinned: 0,
  reach: { answers: true },
}
const settings: ServiceSettings = {
  service: 'app.step',
  remembered: 24 * HOUR,
  journalKept: 0,
  inactivity: HOUR / 4,
  abort: 25 * HOUR,
  attempts: undefined,
}
const fine: Survey = {
  admin: 'http://server:9070',
  releases: [release],
  stuck: [],
  settings: [settings],
  stored: { rows: 10, lost: [] },
  ahead: 0,
}
const stuck: StuckTurn = {
  invocation: 'inv_1',
  target: 'step/a',
  status: 'paused',
  since: 0,
  attempts: 3,
  release: 'dp_1',
}

const away: Release = { ...release, reach: { answers: false, why: 'refused' } }
const wrong = (survey: Partial<Survey>) => clusterChecks({ ...fine, ...survey }).filter(({ ok }) => !ok)
const texts = (survey: Partial<Survey>) => wrong(survey).map(({ text }) => text)

describe("the doctor's report of a cluster", () => {
  it('finds nothing wrong in an empty cluster', () => {
    expect(wrong({})).toEqual([])
  })

  it('a clock that is seconds off', () => {
    expect(texts({ ahead: 6_000 })).toEqual([expect.stringContaining('6.0 s behind the server')])
    expect(texts({ ahead: -6_000 })).toEqual([expect.stringContaining('6.0 s ahead of the server')])
    expect(texts({ ahead: 4_000 })).toEqual([])
  })

  it('many rows are said, and no fault', () => {
    const [state] = clusterChecks({ ...fine, stored: { rows: 184_000, lost: [] } }).filter(
      ({ name }) => name === 'state',
    )
    expect(state).toMatchObject({ ok: true, text: expect.stringMatching(/184,000 rows.*the server reads all/) })
  })

  it.each<[string, Partial<ServiceSettings>, string]>([
    ['ids forgotten too soon', { remembered: HOUR }, 'app.step remembers ids for 1 h 0 min'],
    ['effects broken off', { inactivity: 60_000, abort: 600_000 }, 'aborts an effect after 11 min 0 s'],
    ['turns that are given up', { attempts: 70 }, 'gives up a turn after 70 attempts'],
  ])('%s', (_, change, told) => {
    expect(texts({ settings: [{ ...settings, ...change }] })).toEqual([expect.stringContaining(told)])
  })

  it.each<[string, Partial<StuckTurn>, Release, string]>([
    [
      'paused by hand',
      {},
      release,
      'it was paused at the server. To resume it: curl -X PATCH http://server:9070/invocations/inv_1/resume',
    ],
    [
      'no node',
      { failure: { code: 'RT0010', message: "error when calling 'http://127.0.0.1:1/r1'" } },
      away,
      'no node could be reached at the address of its release. Start a node of release r1; then: curl',
    ],
    [
      'nodes that die of it',
      { status: 'backing-off', failure: { code: 'RT0010', message: 'stream closed because of a broken pipe' } },
      release,
      'its node ended while it ran. Release r1 answers now. If the turn kills its node each time: antiphon doctor give-up step/a',
    ],
    [
      'another release there',
      { status: 'backing-off', failure: { code: 'RT0023', message: '503' } },
      away,
      'runs another release. Start a node of release r1',
    ],
    [
      'other code',
      { failure: { code: 'RT0016', message: 'x' } },
      release,
      'if that code is gone for good: antiphon doctor give-up step/a',
    ],
    [
      'anything else',
      { status: 'backing-off', failure: { code: 'RT0007', message: 'a\nb' } },
      release,
      'a b (RT0007). The server retries it',
    ],
  ])('a stalled turn: %s', (_, change, on, told) => {
    const [turn] = wrong({ releases: [on], stuck: [{ ...stuck, ...change }] }).filter(({ name }) => name === 'turn')
    expect(turn!.text).toContain(told)
  })

  it('says that there are more when many turns are stalled', () => {
    expect(texts({ stuck: Array.from({ length: 30 }, () => stuck) })).toHaveLength(21)
  })
})

it.each([
  ['1.7.12', 'known'],
  ['1.7.13', 'other'],
  ['1.10.0', 'other'],
  ['2.0.0-rc.1', 'other'],
  ['1.6.9', 'too-old'],
])('server %s is %s', (version, verdict) => {
  expect(judgeVersion(version)).toBe(verdict)
})
