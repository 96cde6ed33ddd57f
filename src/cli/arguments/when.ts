import { InvalidError } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import { ON_CONFLICT, type WhenRequest } from '../../run/later/terms.ts'
import type { OptionRecord, OptionsOf } from '../cli.ts'
import { parseWholeNumber } from './options.ts'

export const WHEN_OPTIONS = [
  ['--delay <time>', 'begin after this time, such as 90s, 5m or 1d'],
  ['--start-at <time>', 'begin at this time, such as 2026-12-01T08:00:00Z', { conflicts: 'delay' }],
  [
    '--queue <key>',
    'wait until the runs and goals with the same key have room; one works at a time, unless --slots says more',
  ],
  ['--slots <number>', 'with --queue: how many work at once', { parse: parseWholeNumber }],
  ['--per-minute <number>', 'with --queue: how many begin in a minute', { parse: parseWholeNumber }],
  ['--on-conflict <rule>', 'with --queue: if it would have to wait', { choices: ON_CONFLICT }],
  ['--debounce <time>', 'with --queue: begin after this time, unless another start of the key comes'],
] as const satisfies readonly OptionRecord[]

/** The names of these options, for those that they exclude. */
export const WHEN_NAMES = ['delay', 'startAt', 'queue', 'slots', 'perMinute', 'onConflict', 'debounce'] as const

/** When a run or a goal begins, as a command line says. InvalidError for terms of a queue without its key. */
export function whenOf(options: OptionsOf<typeof WHEN_OPTIONS>): WhenRequest {
  const { delay, startAt, queue: key, slots, perMinute, onConflict, debounce } = options
  const terms = present({ slots, perMinute, onConflict, debounce })
  if (key === undefined && Object.keys(terms).length > 0)
    throw new InvalidError('Expected --queue KEY with the terms of a queue.', {
      place: { path: 'queue' },
      hint: 'The runs and goals of one key wait for each other: --queue customer-7',
    })
  return present({ delay, startAt, queue: key === undefined ? undefined : { key, ...terms } })
}
