import { describe, expect, it } from 'vitest'
import { instantsAfter, instantsOf } from '../../src/schedule/instants.ts'
import { clockOf, type Line, walk } from './zones/oracle.ts'

const HOUR = 3_600_000

/** Days on which the clock of a zone is set, in UTC. */
const CHANGES = {
  'Africa/Cairo': ['2026-04-24', '2026-10-30'],
  'Africa/Casablanca': ['2026-02-15', '2026-03-22'],
  'America/Caracas': ['2007-12-09', '2016-05-01'],
  'America/Havana': ['2026-03-08', '2026-11-01'],
  'America/New_York': ['2026-03-08', '2026-11-01'],
  'America/Nuuk': ['2026-03-29', '2026-10-25'],
  'America/Santiago': ['2026-04-05', '2026-09-06'],
  'America/Sao_Paulo': ['2018-11-04', '2019-02-17'],
  'Antarctica/Troll': ['2026-03-29', '2026-10-25'],
  'Asia/Beirut': ['2026-03-29', '2026-10-25'],
  'Asia/Kathmandu': ['1986-01-01'],
  'Asia/Pyongyang': ['2015-08-15', '2018-05-05'],
  'Australia/Lord_Howe': ['2026-04-05', '2026-10-04'],
  'Europe/Berlin': ['2026-03-29', '2026-10-25'],
  'Pacific/Apia': ['2011-12-30', '2012-04-01'],
  'Pacific/Kwajalein': ['1993-08-21'],
} as const

/** Lines for each day, which a generator cannot be trusted to find. */
const GIVEN = [
  '30 2',
  '0,30 2',
  '15,45 2',
  '*/20 2',
  '0-59/20 2',
  '* 2',
  '0,30 0',
  '*/20 0',
  '15 0-23',
  '15 *',
  '5 */2',
  '7-59/20 *',
]
const LINES_PER_DAY = 30

describe('a slow walk over each minute finds the same instants', () => {
  it.each(Object.entries(CHANGES))('%s', async (zone, days) => {
    const clock = clockOf(zone)
    for (const [place, day] of days.entries()) {
      const middle = Date.parse(`${day}T00:00Z`)
      const [from, to] = [middle - 30 * HOUR, middle + 34 * HOUR]
      const random = randomFrom(place + 1)
      const made = Array.from({ length: LINES_PER_DAY }, () => `${field(random, 60)} ${field(random, 24)}`)
      for (const line of [...GIVEN, ...made]) {
        const instants = await instantsOf({ cron: `${line} * * *`, zone }, from)
        const expected = walk(lineOf(line), clock, from, to)
        expect.soft(shown(instantsAfter(instants, from, 10_000, to)), `${line} ${day}`).toEqual(shown(expected))
        // each minute counts, also if a count begins or ends within it
        const begin = from + Math.floor(random() * 60) * HOUR + Math.floor(random() * HOUR)
        const counted = expected.filter((at) => at > begin).length
        expect.soft(instants.count(begin, to), `${line} ${day} after ${new Date(begin).toISOString()}`).toBe(counted)
      }
    }
  })
})

it('the second does not make a line fixed, or not', async () => {
  const after = Date.parse('2026-03-28T12:00Z')
  const fixed = await instantsOf({ cron: '*/30 30 2 * * *', zone: 'Europe/Berlin' }, after)
  expect(shown(instantsAfter(fixed, after, 3))).toEqual(['2026-03-29T01:00', '2026-03-30T00:30', '2026-03-30T00:30'])
})

it.each([
  ['@daily', ['2026-10-24T22:00', '2026-10-25T23:00']],
  ['@hourly', ['2026-10-24T11:00', '2026-10-24T12:00']],
])('%s is read as the line that it stands for', async (cron, expected) => {
  const after = Date.parse('2026-10-24T10:00Z')
  expect(shown(instantsAfter(await instantsOf({ cron, zone: 'Europe/Berlin' }, after), after, 2))).toEqual(expected)
})

it('counts the seconds of ten years without a look at each', async () => {
  const [from, to] = [Date.parse('2020-01-01T00:00Z'), Date.parse('2030-01-01T00:00Z')]
  const instants = await instantsOf({ cron: '* * * * * *', zone: 'Europe/Berlin' }, from)
  expect(instants.count(from, to)).toBe((to - from) / 1000)
  const ofMinutes = await instantsOf({ cron: '15,20,40 10-25 3-5 * * 1', zone: 'Europe/Berlin' }, from)
  expect(ofMinutes.count(from, to)).toBe(522 * 3 * 16 * 3)
})

const shown = (instants: readonly number[]) => instants.map((one) => new Date(one).toISOString().slice(0, 16))

/** A field of a line: a number, a list, a range, a step or all. */
function field(random: () => number, size: 60 | 24): string {
  // most clocks are set in the hours around midnight
  const number = () => (size === 24 && random() < 0.7 ? [22, 23, 0, 1, 2, 3][Math.floor(random() * 6)]! : any())
  const any = () => Math.floor(random() * size)
  const range = () => [number(), number()].toSorted((a, b) => a - b).join('-')
  const step = () => 2 + Math.floor(random() * 20)
  const kinds = [
    () => `${number()}`,
    () => `${number()},${number()}`,
    range,
    () => `*/${step()}`,
    () => `${range()}/${step()}`,
  ]
  return random() < 0.05 ? '*' : kinds[Math.floor(random() * kinds.length)]!()
}

function lineOf(line: string): Line {
  const [minute = '', hour = ''] = line.split(' ')
  return { minute: numbersOf(minute, 60), hour: numbersOf(hour, 24), isFixed: !/[*/?]/.test(line) }
}

const numbersOf = (text: string, size: number): readonly number[] =>
  text.split(',').flatMap((item) => {
    const [range = '', step = '1'] = item.split('/')
    const [first, last = first] = range === '*' ? [0, size - 1] : range.split('-').map(Number)
    return Array.from({ length: size }, (_, n) => n).filter(
      (n) => n >= first! && n <= last! && (n - first!) % +step === 0,
    )
  })

/** Numbers from 0 to 1, the same ones for a seed. */
function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
